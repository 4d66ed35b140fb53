"""What is to come when a place of service or a business account ends: enrolments in courses for the own staff, and unclosed courses."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import appointments, closing_people, mass_places
from accounts.actions.places import PlaceFacts, correct_place, end_place
from accounts.enums import CloseReason
from accounts.models import Affiliation, Unit, User
from audit.models import AuditEvent
from courses.actions import audiences, enrolments, leavers, participants
from courses.enums import EnrolmentState, OpenTo
from courses.models import Course, Enrolment
from courses.tasks import cancel_enrolments_of_leavers
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def own_course(unit: Unit, **facts: object) -> Course:
    return make_course(make_account(unit), open_to=OpenTo.OWN_UNIT, **facts)  # type: ignore[arg-type]


def ended(unit: Unit, until: date | None = None) -> User:
    person = make_user(unit=unit)
    person.affiliations.update(until=until or clock.today())
    return person


def states(*rows: Enrolment) -> list[str]:
    return [Enrolment.objects.get(pk=row.pk).state for row in rows]


def test_a_place_for_the_own_staff_ends_with_the_service_and_goes_to_the_next() -> None:
    unit = make_unit()
    course, leaver, waiting = own_course(unit, capacity=1), ended(unit), make_user(unit=unit)
    place = make_enrolment(course, leaver)
    next_one = make_enrolment(course, waiting, EnrolmentState.WAITLISTED)
    # On the last day of service nothing ends.
    assert cancel_enrolments_of_leavers() == 0
    assert leavers.cancel_each_night(clock.now() + DAY) == 1
    assert states(place, next_one) == [EnrolmentState.CANCELLED, EnrolmentState.ADMITTED]
    course.refresh_from_db()
    assert course.seats_taken == 1
    notice = Notice.objects.get(kind="enrolment_cancelled", recipient=leaver)
    assert "不在該單位任職" in notice.body and "calendar:cancel" in notice.refs
    told = Notice.objects.get(kind="staff_left")
    assert course.handler and told.recipient == course.handler.user and leaver.name in told.body
    event = AuditEvent.objects.get(action="enrolment.left_staff")
    assert event.object_id == str(place.pk) and event.before == {"state": EnrolmentState.ADMITTED}
    assert leavers.cancel_each_night(clock.now() + DAY) == 0


def test_who_is_not_a_leaver_of_the_course_stays() -> None:
    unit, later = make_unit(), clock.now() + DAY
    returns = ended(unit)
    back = clock.today() + 10 * DAY
    Affiliation.objects.create(user=returns, unit=unit, since=back)
    begun = own_course(unit, day=clock.today())
    invited = ended(unit, clock.today() - 5 * DAY)
    closed = make_unit()
    rows = [
        # Serves there again when the course begins.
        make_enrolment(own_course(unit), returns),
        # Was put on the list after leaving.
        make_enrolment(own_course(unit), invited),
        # A course for everybody.
        make_enrolment(make_course(make_account(unit)), ended(unit)),
        # Has begun.
        make_enrolment(begun, ended(unit)),
        # Came from another unit.
        make_enrolment(own_course(unit), make_user(unit=make_unit())),
        # At a closed unit enrolments go on.
        make_enrolment(own_course(closed), ended(closed)),
    ]
    Unit.objects.filter(pk=closed.pk).update(until=clock.today())
    assert leavers.cancel_each_night(later) == 0
    assert set(states(*rows)) == {EnrolmentState.ADMITTED}
    gone = make_enrolment(own_course(unit, day=back - DAY), returns)
    assert leavers.cancel_each_night(later) == 1 and states(gone) == [EnrolmentState.CANCELLED]


def test_who_serves_there_today_stays_in_a_course_that_has_begun_or_is_postponed() -> None:
    unit, today = make_unit(), clock.today()
    rows = []
    for facts, state in (
        ({}, EnrolmentState.WAITLISTED),
        ({"postponed_at": clock.now()}, EnrolmentState.ADMITTED),
    ):
        person = ended(unit, today - DAY)
        # The next appointment began after the course's first day.
        Affiliation.objects.create(user=person, unit=unit, since=today)
        course = own_course(unit, day=today - 3 * DAY)
        Course.objects.filter(pk=course.pk).update(ends_at=clock.now() + 5 * DAY, **facts)
        course.sessions.update(starts_at=clock.now() + 4 * DAY, ends_at=clock.now() + 5 * DAY)
        rows.append(make_enrolment(course, person, state, enrolled_at=clock.now() - 9 * DAY))
    assert leavers.cancel_each_night(clock.now()) == 0
    Affiliation.objects.filter(since=today).delete()
    assert leavers.cancel_each_night(clock.now()) == len(rows)


def test_whom_the_organiser_puts_on_the_list_again_stays() -> None:
    unit = make_unit()
    course, leaver = own_course(unit), ended(unit, clock.today() - DAY)
    row = make_enrolment(course, leaver, enrolled_at=clock.now() - 9 * DAY)
    assert leavers.cancel_each_night() == 1 and states(row) == [EnrolmentState.CANCELLED]
    participants.add(course=course, by=acting(course.handler), people=[leaver.pk])
    assert leavers.cancel_each_night() == 0 and states(row) == [EnrolmentState.ADMITTED]


@pytest.mark.parametrize("way", ["page", "correction", "file"])
def test_an_end_that_is_written_late_ends_what_was_enrolled_meanwhile(way: str) -> None:
    unit = make_unit()
    lead, last = acting(make_lead(unit)), clock.today() - 10 * DAY
    course, person = own_course(unit), make_user(unit=unit)
    row = make_enrolment(course, person, enrolled_at=clock.now() - 5 * DAY)
    place = person.affiliations.get()
    if way == "page":
        end_place(place=place, by=lead, last_day=last)
    elif way == "correction":
        correct_place(place=place, facts=replace(PlaceFacts.of(place), until=last), by=lead)
    else:
        former, place.until = PlaceFacts.of(place), last
        mass_places.end([(place, former)], by=lead)
    assert leavers.cancel_each_night() == 1 and states(row) == [EnrolmentState.CANCELLED]
    # Added again by the organiser, who knows of the end.
    participants.add(course=course, by=acting(course.handler), people=[person.pk])
    assert leavers.cancel_each_night() == 0 and states(row) == [EnrolmentState.ADMITTED]
    place.refresh_from_db()
    correct_place(place=place, facts=replace(PlaceFacts.of(place), until=None), by=lead)
    place.refresh_from_db()
    assert place.end_entered_at is None


def test_who_had_left_before_a_course_was_narrowed_to_the_own_staff_keeps_the_place() -> None:
    unit = make_unit()
    course = make_course(make_account(unit))
    left, leaves = ended(unit, clock.today() - 3 * DAY), make_user(unit=unit)
    rows = [make_enrolment(course, one, enrolled_at=clock.now() - 9 * DAY) for one in (left, leaves)]
    own = audiences.AudienceData(audiences.Who(OpenTo.OWN_UNIT))
    audiences.set_audience(course=course, by=acting(course.handler), data=own, is_confirmed=True)
    assert leavers.cancel_each_night() == 0
    end_place(place=leaves.affiliations.get(), by=acting(make_lead(unit)))
    assert leavers.cancel_each_night() == 1
    assert states(*rows) == [EnrolmentState.ADMITTED, EnrolmentState.CANCELLED]
    # Saved again, the audience is no narrower; open to all and narrowed again, it is from then on.
    course.refresh_from_db()
    since = course.own_staff_since
    for data, kept in ((own, True), (audiences.AudienceData(), False)):
        course = audiences.set_audience(
            course=course, by=acting(course.handler), data=data, is_confirmed=True
        )
        assert (course.own_staff_since == since) is kept
    assert course.own_staff_since is None


def test_a_course_that_fails_keeps_no_other_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    unit, later = make_unit(), clock.now() + DAY
    rows = [make_enrolment(own_course(unit), ended(unit)) for _course in range(2)]
    pass_on = enrolments.pass_on

    def fails_once(course: Course, *args: Any) -> None:
        if course.pk == rows[0].course_id:
            raise RuntimeError
        pass_on(course, *args)

    monkeypatch.setattr(enrolments, "pass_on", fails_once)
    with pytest.raises(ExceptionGroup):
        leavers.cancel_each_night(later)
    assert states(*rows) == [EnrolmentState.ADMITTED, EnrolmentState.CANCELLED]


def test_the_courses_of_an_account_that_ends_are_named_to_the_lead_however_it_ends() -> None:
    operator = acting(make_operator())
    ways = {
        "one": lambda place, lead: end_place(place=place, by=acting(lead), confirmed=True),
        "file": lambda place, lead: ended_by_file(place),
        "account": lambda place, lead: appointments.end(
            account=place.user.business_accounts.get(), by=acting(lead), confirmed=True
        ),
        "person": lambda place, lead: closing_people.close(
            person=place.user, because=CloseReason.RETIRED, by=operator, reason="退休", confirmed=True
        ),
    }
    for name, act in ways.items():
        handler = make_account()
        lead, course = make_lead(handler.unit), make_course(handler)
        act(handler.user.affiliations.get(), lead)
        notice = Notice.objects.get(kind="courses_left", recipient=lead.user)
        assert course.code in notice.body and f"/appointments/{handler.pk}/" in notice.path, name
        assert not Notice.objects.filter(kind="courses_left", recipient=handler.user).exists()


def ended_by_file(place: Affiliation) -> None:
    former, place.until = PlaceFacts.of(place), clock.today() - DAY
    mass_places.end([(place, former)], by=None)
    mass_places.end_accounts([place], by=None, confirmed=True)


def test_without_a_lead_a_colleague_and_without_anybody_the_county_is_notified() -> None:
    lead, by = make_lead(), acting(make_operator())
    officer = make_officer(lead.unit.county)
    other = make_account(lead.unit)
    make_course(lead)
    place = lead.user.affiliations.get()
    end_place(place=place, by=by, confirmed=True)
    notice = Notice.objects.get(kind="courses_left")
    assert notice.recipient == other.user and notice.path == f"/unit/transfers/?for_unit={lead.unit_id}"
    make_course(other)
    end_place(place=other.user.affiliations.get(), by=by, confirmed=True)
    assert "請及早辦理移轉" in notice.body and "尚無其他人員" not in notice.body
    notice = Notice.objects.get(kind="courses_left", recipient=officer.user)
    # Nobody could take them yet: the officer approves an account first.
    assert "尚無其他人員" in notice.body and "請及早辦理移轉" not in notice.body
    client = Client()
    client.force_login(officer.user)
    assert reverse("accounts:requests") in main_part(client.get(notice.path).content.decode())


def main_part(page: str) -> str:
    return page[page.index("<main") :]
