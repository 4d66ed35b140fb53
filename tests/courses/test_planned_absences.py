"""未能出席: said by an admitted person, decided by the organiser, settled by the closing (docs/handbook, chapter 11)."""

from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.actions import (
    admissions,
    course_reminders,
    enrolments,
    participants,
    planned_absences,
    withdrawal,
)
from courses.enums import EnrolmentState as S
from courses.enums import PlannedAbsenceState as P
from courses.errors import CourseOver, NotEnrolled, NotTheHandler, WrongState
from courses.errors.postponements import (
    AbsenceDecided,
    AbsenceStated,
    ExcusedBefore,
    NoAbsenceStated,
    NoPlaceYet,
    NoSuchAbsenceKind,
)
from courses.models import Course, Enrolment, PlannedAbsence, Session
from courses.queries import coming_courses
from courses.queries.planned_absences import latest_of, said_by, said_in, with_said
from hours.actions.closing import close_course
from hours.actions.corrections import correct
from hours.models import Mark, Sheet
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.api.client import api
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_lead, teacher

pytestmark = pytest.mark.django_db


def course_of_today(**fields: object) -> Course:
    """13:30–16:30 today; it is morning."""
    return make_course(day=clock.today(), **fields)


def place_in(course: Course) -> Enrolment:
    return make_enrolment(course, enrolled_at=clock.now() - timedelta(days=5))


def at(course: Course, hour: int) -> datetime:
    assert course.starts_on
    return clock.at_taipei(course.starts_on, time(hour))


def say(row: Enrolment, hour: int = 9, kind: str = "official") -> PlannedAbsence:
    planned = planned_absences.state(
        course=row.course, by=teacher(row.user), kind=kind, at=at(row.course, hour)
    )
    assert planned
    return planned


def decide(planned: PlannedAbsence, *, accept: bool, hour: int = 10) -> PlannedAbsence:
    course = planned.enrolment.course
    return planned_absences.decide(
        planned=planned, by=acting(course.handler), is_accepted=accept, at=at(course, hour)
    )


def told(user: User, kind: str) -> Notice:
    return Notice.objects.get(recipient=user, kind=kind)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_person_who_comes_back_is_not_away_by_what_was_accepted_before() -> None:
    """The place was given up with the accepted absence; the next one is a new place, also for the reminders and the closing."""
    course = course_of_today(capacity=5)
    row = place_in(course)
    decide(say(row), accept=True)
    participants.add(course=course, by=acting(course.handler), people=[row.user_id], at=at(course, 11))
    row.refresh_from_db()
    assert row.state == S.ADMITTED and not latest_of([row.pk]) and said_by(row) is None
    assert [said_in(one) for one in with_said(course.enrolments.all())] == [None]
    assert coming_courses.is_expected(row)
    assert [one.pk for one in coming_courses.people_of([course.pk], S.ADMITTED)] == [row.pk]
    with time_machine.travel(at(course, 20), tick=False):
        sheet = Sheet("k", {row.pk: Mark.of(S.ABSENT, Decimal(0))})
        close_course(course=course, by=acting(course.handler), sheet=sheet)
    row.refresh_from_db()
    assert row.state == S.ABSENT and PlannedAbsence.objects.get().state == P.ACCEPTED


def test_said_before_the_deadline_it_is_simply_a_cancellation() -> None:
    row = make_enrolment(make_course())
    assert planned_absences.state(course=row.course, by=teacher(row.user), kind="sick") is None
    row.refresh_from_db()
    assert row.state == S.CANCELLED and not PlannedAbsence.objects.exists()
    assert told(row.user, "enrolment_cancelled")


def test_said_late_the_place_stays_held_and_those_in_charge_are_notified() -> None:
    row = place_in(course_of_today())
    planned = say(row)
    row.refresh_from_db()
    row.course.refresh_from_db()
    assert (planned.state, row.state, row.course.seats_taken) == (P.OPEN, S.ADMITTED, 1)
    notice = told(row.course.handler.user, "absence_planned")
    assert row.user.name in notice.subject and "公假" in notice.body


def test_what_is_refused() -> None:
    course = course_of_today()
    row, waiting = place_in(course), make_enrolment(course, state=S.WAITLISTED)
    with pytest.raises(NoSuchAbsenceKind):
        planned_absences.state(course=course, by=teacher(row.user), kind="cause")
    with pytest.raises(NoPlaceYet):
        planned_absences.state(course=course, by=teacher(waiting.user), kind="sick")
    with pytest.raises(NoAbsenceStated):
        planned_absences.take_back(course=course, by=teacher(row.user))
    with pytest.raises(CourseOver):
        say(row, hour=17)
    say(row, hour=16)
    with pytest.raises(AbsenceStated):
        say(row, hour=16)
    stranger = acting(make_account(course.unit))
    with pytest.raises(NotTheHandler):
        planned_absences.decide(planned=PlannedAbsence.objects.get(), by=stranger, is_accepted=True)


def test_accepted_before_the_first_session_there_is_no_absence_and_the_place_is_offered() -> None:
    course = course_of_today(capacity=1)
    row, waiting = place_in(course), make_enrolment(course, state=S.WAITLISTED)
    decide(say(row), accept=True)
    row.refresh_from_db()
    course.refresh_from_db()
    assert (row.state, course.seats_taken) == (S.CANCELLED, 0)
    assert told(waiting.user, "place_free")
    notice = told(row.user, "absence_decided")
    assert "不計" in notice.body and notice.refs == ["calendar:cancel"]


def test_accepted_while_the_course_is_held_the_person_is_excused_at_closing() -> None:
    row = place_in(course_of_today())
    planned = decide(say(row), accept=True, hour=14)
    with time_machine.travel(at(row.course, 18)):
        page = logged_in(row.course.handler.user).get(reverse("hours:close", args=[row.course.code]))
        shown = page.context["sheet"].rows[0]
        assert shown.state == S.EXCUSED and "請假：公假" in page.content.decode()
        with pytest.raises(ExcusedBefore):
            close(row.course, absent=(row,))
        close_course(
            course=row.course,
            by=acting(row.course.handler),
            sheet=Sheet("k", {row.pk: Mark.of(S.EXCUSED, Decimal(3))}),
        )
    row.refresh_from_db()
    planned.refresh_from_db()
    assert (row.state, planned.state) == (S.EXCUSED, P.ACCEPTED)


def test_the_page_names_an_excused_person_who_is_marked_absent() -> None:
    row = place_in(course_of_today())
    decide(say(row), accept=True, hour=14)
    with time_machine.travel(at(row.course, 18)):
        client, page = logged_in(row.course.handler.user), reverse("hours:close", args=[row.course.code])
        key = client.get(page).context["sheet"].key
        marked = {"request_key": key, f"state_{row.pk}": "absent", f"hours_{row.pk}": "3", "action": "check"}
        said = client.post(page, marked).content.decode()
    assert f"{row.user.name}先前已准予請假" in said


@pytest.mark.parametrize(
    ("outcome", "settled"), [(S.EXCUSED, P.ACCEPTED), (S.ABSENT, P.REFUSED), (S.ATTENDED, P.ENDED)]
)
def test_the_closing_decides_what_was_left_open(outcome: S, settled: P) -> None:
    row = place_in(course_of_today())
    planned = say(row)
    with time_machine.travel(at(row.course, 18)):
        page = logged_in(row.course.handler.user).get(reverse("hours:close", args=[row.course.code]))
        assert page.context["sheet"].rows[0].state == S.EXCUSED and "請假？公假" in page.content.decode()
        sheet = Sheet("k", {row.pk: Mark.of(outcome, Decimal(3))})
        close_course(course=row.course, by=acting(row.course.handler), sheet=sheet)
    planned.refresh_from_db()
    assert planned.state == settled
    with pytest.raises(WrongState):
        decide(planned, accept=True)


def test_a_correction_to_absent_takes_the_acceptance_back_and_another_gives_it_again() -> None:
    row = place_in(course_of_today())
    planned = decide(say(row), accept=True, hour=14)
    by = acting(row.course.handler)
    with time_machine.travel(at(row.course, 18)):
        close_course(course=row.course, by=by, sheet=Sheet("k", {row.pk: Mark(S.EXCUSED)}))
        for state, settled in ((S.ABSENT, P.REFUSED), (S.EXCUSED, P.ACCEPTED)):
            row.refresh_from_db()
            correct(enrolment=row, by=by, state=state, hours=Decimal(0), reason="查證")
            planned.refresh_from_db()
            assert planned.state == settled


def test_not_accepted_the_person_keeps_the_place_and_may_say_it_again() -> None:
    row = place_in(course_of_today())
    planned = decide(say(row), accept=False)
    row.refresh_from_db()
    assert row.state == S.ADMITTED and "未獲同意" in told(row.user, "absence_decided").subject
    with pytest.raises(AbsenceDecided):
        decide(planned, accept=True)
    assert say(row, hour=11).state == P.OPEN


def test_taken_back_while_undecided_and_the_mail_that_waited_is_not_sent() -> None:
    row = place_in(course_of_today())
    planned = say(row)
    planned_absences.take_back(course=row.course, by=teacher(row.user))
    planned.refresh_from_db()
    assert planned.state == P.TAKEN_BACK
    first, second = Notice.objects.filter(kind="absence_planned").order_by("pk")
    assert planned_absences.still_stated([first, second]) == {first.pk: None}
    assert "可以出席" in second.subject


def test_it_ends_with_the_place() -> None:
    course = course_of_today()
    declined, cancelled, withdrawn = (place_in(course) for _ in range(3))
    rows = [say(row) for row in (declined, cancelled, withdrawn)]
    admissions.decline(course=course, by=acting(course.handler), enrolment_ids=[declined.pk])
    # Moved to another time, everybody may cancel again.
    Course.objects.filter(pk=course.pk).update(moved_at=at(course, 10))
    enrolments.cancel(course=course, by=teacher(cancelled.user), at=at(course, 11))
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    for planned in rows:
        planned.refresh_from_db()
        assert planned.state == P.ENDED


def test_in_a_course_of_several_sessions_it_is_said_until_the_last_one_ends() -> None:
    course = course_of_today()
    later = at(course, 13) + timedelta(days=7)
    Session.objects.create(course=course, starts_at=later, ends_at=later + timedelta(hours=3))
    Course.objects.filter(pk=course.pk).update(
        ends_on=clock.day_of(later), ends_at=later + timedelta(hours=3)
    )
    row = place_in(course)
    planned = planned_absences.state(
        course=course, by=teacher(row.user), kind="other", at=later + timedelta(hours=1)
    )
    assert planned and planned.state == P.OPEN


def test_who_does_not_come_is_not_reminded_on_the_day_before() -> None:
    course = make_course(day=clock.today() + timedelta(days=1))
    rows = [place_in(course) for _ in range(2)]
    PlannedAbsence.objects.create(enrolment=rows[0], kind="sick", stated_at=clock.now())
    batch = course_reminders.upcoming_batch(clock.today(), 0)
    assert [notice.to for notice in batch.notices] == [rows[1].user]
    outbox.write(batch.notices)
    PlannedAbsence.objects.create(enrolment=rows[1], kind="sick", stated_at=clock.now())
    notices = list(Notice.objects.filter(kind="course_tomorrow"))
    assert course_reminders.meets_tomorrow(notices) == {notices[0].pk: None}


def test_from_page_to_page() -> None:
    row = place_in(course_of_today())
    course = row.course
    with time_machine.travel(at(course, 9)):
        person, handler = logged_in(row.user), logged_in(course.handler.user)
        public = reverse("courses:public", args=[course.code])
        assert "您無法出席？" in person.get(public).content.decode()
        refused = person.post(reverse("courses:cannot_come", args=[course.code]), follow=True)
        assert "請選擇無法出席的原因" in refused.content.decode()
        said = person.post(
            reverse("courses:cannot_come", args=[course.code]), {"kind": "personal"}, follow=True
        )
        assert "我可以出席" in said.content.decode()
        assert "人未能出席，待決定" in handler.get(reverse("courses:unit_home")).content.decode()
        index = handler.get(reverse("courses:absences")).content.decode()
        assert row.user.name in index and "事假" in index
        planned = PlannedAbsence.objects.get()
        done = handler.post(
            reverse("courses:decide_absence", args=[planned.pk]), {"action": "accept"}, follow=True
        )
        assert "名額已釋出" in done.content.decode()


def test_a_decision_that_names_neither_answer_decides_nothing() -> None:
    planned = say(place_in(course_of_today()))
    client = logged_in(planned.enrolment.course.handler.user)
    for odd in ({}, {"action": "ACCEPT"}, {"action": ""}):
        page = client.post(reverse("courses:decide_absence", args=[planned.pk]), odd, follow=True)
        assert "請選擇是否同意" in page.content.decode()
    planned.refresh_from_db()
    assert planned.state == P.OPEN


def test_the_api_does_the_same() -> None:
    row = place_in(course_of_today())
    course, lead = row.course, make_lead(row.course.unit)
    with time_machine.travel(at(course, 9)):
        person, unit = api(row.user), api(lead.user)
        path = f"/api/v1/courses/{course.code}"
        assert person.post(f"{path}/cannot-come/", {"kind": "flu"}, format="json").status_code == 400
        assert (
            person.post(f"{path}/cannot-come/", {"kind": "sick"}, format="json").json()["planned_absence"]
            == "open"
        )
        assert person.post(f"{path}/come-after-all/").json()["planned_absence"] is None
        person.post(f"{path}/cannot-come/", {"kind": "sick"}, format="json")
        listed = unit.get("/api/v1/unit/absences/").json()["results"]
        assert [(one["name"], one["kind"], one["state"]) for one in listed] == [
            (row.user.name, "sick", "open")
        ]
        sheet = unit.get(f"/api/v1/unit/courses/{course.code}/sheet/").json()["results"]
        assert sheet[0]["planned_absence"] == "open"
        decided = unit.post(
            f"/api/v1/unit/absences/{listed[0]['id']}/decide/", {"accept": False}, format="json"
        )
        assert decided.json()["state"] == "refused"


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (S.APPLIED, NoPlaceYet),
        (S.WAITLISTED, NoPlaceYet),
        (S.CANCELLED, NotEnrolled),
        (S.DECLINED, NotEnrolled),
        (S.ATTENDED, CourseOver),
        (S.ABSENT, CourseOver),
        (S.EXCUSED, CourseOver),
    ],
)
def test_each_state_without_a_place_has_its_own_sentence(state: S, refusal: type[Exception]) -> None:
    course = course_of_today()
    row = make_enrolment(course, state=state)
    if refusal is CourseOver:
        Course.objects.filter(pk=course.pk).update(state="closed", closed_at=clock.now())
    with pytest.raises(refusal):
        say(row)
    assert not PlannedAbsence.objects.exists()


def test_a_person_with_an_outcome_gets_the_sentence_of_a_course_that_is_over() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course)
    row.refresh_from_db()
    with pytest.raises(CourseOver):
        planned_absences.state(course=course, by=teacher(row.user), kind="sick", at=at(course, 14))
