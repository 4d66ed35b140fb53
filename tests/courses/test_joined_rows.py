"""Each statement of the courses that is written out reads the objects that its queryset reads, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import UnitKind
from accounts.models import Affiliation, BusinessAccount
from courses.enums import SEATED, CourseState, EnrolmentState, TransferState
from courses.models import (
    Course,
    CourseNature,
    Enrolment,
    PlannedAbsence,
    Session,
    TransferRequest,
    YearlyPolicy,
)
from courses.queries import desk_rows, enrolment_offer, queues, unit_outlook, whole_course
from hours.enums import ObjectionState, ReplyLevel
from hours.models import Objection
from kit import clock
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_unit,
    make_user,
)
from tests.joined import same

pytestmark = pytest.mark.django_db


def make_courses(handler: BusinessAccount) -> list[Course]:
    """Courses of a unit in every state: with a second handler, of one who has left, with a nature, and of a national unit."""
    other = make_account(handler.unit, ended_at=clock.now())
    nature = CourseNature.objects.create(code="A1", name="教學", path="A1")
    withdrawn: dict[str, Any] = {
        "withdrawn_at": clock.now(),
        "withdrawn_by": make_user(),
        "withdrawal_reason": "重複",
    }
    return [
        make_course(handler, nature=nature, hours="1.5"),
        make_course(handler, co_handler=other),
        make_course(other),
        make_course(handler, state=CourseState.DRAFT),
        make_course(handler, state=CourseState.CLOSED, closed_at=clock.now()),
        make_course(handler, state=CourseState.WITHDRAWN, **withdrawn),
        make_course(make_account(make_unit(county=None, kind=UnitKind.UNIVERSITY))),
    ]


def test_a_course_of_a_unit_is_that_of_the_queryset() -> None:
    handler = make_account()
    read = 0
    for course in make_courses(handler):
        values = {"unit": handler.unit_id, "code": course.code}
        found = whole_course.OWN_COURSE.all(**values)
        read += same(
            found, whole_course.own_courses(handler.unit_id).filter(code=course.code), whole_course.OWN
        )
    assert read == 6
    with pytest.raises(Course.DoesNotExist):
        whole_course.own_course(handler.unit_id, make_course().code)


def test_a_public_course_is_that_of_the_queryset() -> None:
    read = 0
    for course in make_courses(make_account()):
        found = whole_course.PUBLIC_COURSE.all(code=course.code)
        mirrored = whole_course.public_courses().defer(*whole_course.UNREAD).filter(code=course.code)
        read += same(found, mirrored, whole_course.PUBLIC)
    assert read == 6
    with pytest.raises(Course.DoesNotExist):
        whole_course.public_course("' OR 1=1 --")


def test_sessions_that_clash_are_those_of_the_queryset() -> None:
    person, course = make_user(), make_course(ago=-5)
    for state in EnrolmentState:
        make_enrolment(make_course(ago=-5), person, state=state)
    make_enrolment(make_course(ago=-6), person)
    make_enrolment(course, person)
    (mine,) = course.sessions.all()
    values = {"first": mine.starts_at, "last": mine.ends_at}
    found = enrolment_offer.CLASHING.all(person=person.pk, course=course.pk, **values)
    assert same(found, enrolment_offer.clashing(course, person.pk, **values), ["course"]) == 3


def test_places_of_service_are_those_of_the_queryset() -> None:
    person, today = make_user(), clock.today()
    ends = [(None, None), (today, today), (today + timedelta(1), None), (None, today - timedelta(1))]
    for rank, (since, until) in enumerate(ends, start=-4):
        Affiliation.objects.create(user=person, unit=make_unit(), rank=-rank, since=since, until=until)
    found = enrolment_offer.SERVES.all(person=person.pk, today=today)
    assert same(found, enrolment_offer.serving(person.pk), ["unit"]) == 2


def make_desk(handler: BusinessAccount) -> None:
    """Courses on a desk: overdue, of last year, over, running with a session that is not held, ahead, with people in every state."""
    for course in make_courses(handler):
        for state in EnrolmentState:
            make_enrolment(course, state=state)
    for ago in (400, 300, 90, 31, 2, -3):
        make_course(handler, ago=ago)
    running = make_course(handler, ago=0)
    (first,) = running.sessions.all()
    for day in (1, 2):
        Session.objects.create(
            course=running, starts_at=first.starts_at + timedelta(day), ends_at=first.ends_at + timedelta(day)
        )
    make_course(handler, ago=5, postponed_at=clock.now())


@pytest.mark.parametrize("most", [unit_outlook.MOST, 3])
def test_the_courses_on_a_desk_are_those_of_the_queryset(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    handler, year, today = make_account(), clock.this_year(), clock.today()
    make_desk(handler)
    monkeypatch.setattr(unit_outlook, "MOST", most)
    policies = YearlyPolicy.objects.current()
    found = desk_rows.on_desk(handler.unit_id, year, today, policies)
    mirrored = desk_rows.with_meeting(unit_outlook.unclosed(handler.unit_id, year, today, policies))[:most]
    assert same(found, mirrored, whole_course.HANDLERS) == min(most, 10)
    lit = [unit_outlook.counts_of(course).lit for course in found]
    assert any(lit) and (all(lit) or most > 3)
    assert most == 3 or any(unit_outlook.counts_of(course).people == len(SEATED) for course in found)


def test_the_next_session_is_the_one_that_is_held() -> None:
    handler = make_account()
    course = make_course(handler, ago=-3)
    year, today = clock.this_year(), clock.today()

    def meets_at() -> Any:
        (row,) = desk_rows.on_desk(handler.unit_id, year, today, YearlyPolicy.objects.current())
        return desk_rows.facts_of(row).meets_at

    assert meets_at() == course.sessions.get().starts_at
    course.sessions.all().delete()
    assert meets_at() is None


def make_queues(handler: BusinessAccount, lead: BusinessAccount) -> None:
    """Rows that wait for the unit, its handler, its lead, or for nobody there."""
    colleague, stranger = make_account(handler.unit), make_account()
    for course in [make_course(account) for account in (handler, colleague, stranger)]:
        for state in ("open", "accepted"):
            PlannedAbsence.objects.create(
                enrolment=make_enrolment(course), kind="sick", state=state, stated_at=clock.now(),
                **({"decided_at": clock.now(), "decided_by": handler.user} if state == "accepted" else {}),
            )  # fmt: skip
        _objections(course, (handler, lead))
        _transfers(course, colleague if course.handler == handler else handler)
        Course.objects.filter(pk=make_course(course.handler).pk).update(postponed_at=clock.now())


def _objections(course: Course, repliers: tuple[BusinessAccount, ...]) -> None:
    Objection.objects.create(course=course, user=make_user(), text="t", raised_at=clock.now())
    for replier in repliers:
        replied = {"answer": "a", "answered_at": clock.now(), "answered_by": replier.user}
        for level in (ReplyLevel.LEAD, ReplyLevel.COUNTY):
            Objection.objects.create(
                course=course, user=make_user(), text="t", raised_at=clock.now(), state=ObjectionState.REVIEW, **replied,
                review_text="r", review_at=clock.now(), review_level=level,
            )  # fmt: skip


def _transfers(course: Course, to: BusinessAccount) -> None:
    decided = {
        "state": TransferState.REFUSED, "refusal": "n", "decided_at": clock.now(), "decided_by": make_operator().user,
    }  # fmt: skip
    for more in ({}, decided):
        TransferRequest.objects.create(
            course=course, from_account=course.handler, to_account=to, requested_by=to.user,
            requested_at=clock.now(), stated_code=course.code, stated_title=course.title, stated_name=to.user.name,
            stated_account=to.number, reason="r", **more,
        )  # fmt: skip


def test_what_waits_for_a_unit_is_counted_as_by_the_querysets() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    make_queues(handler, lead)
    numbers = {}
    for account in (handler, lead, make_account()):
        by = acting(account)
        mirrored = queues.counted({name: queue.rows(by) for name, queue in queues.UNIT_QUEUES.items()})
        found = queues.of_unit(by)
        assert {name: found[name] for name in mirrored} == mirrored
        numbers[account] = {name: queue.count for name, queue in mirrored.items()}
    assert numbers[handler] == {"transfers": 3, "postponed": 2, "absences": 1, "objections": 1}
    assert numbers[lead] == {"transfers": 3, "postponed": 2, "absences": 2, "objections": 4}


def test_a_home_names_the_courses_ahead(client: Client) -> None:
    course = make_course(ago=-3, title="<b>環境</b>", capacity=30)
    make_enrolment(course)
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:unit_home")).content.decode()
    assert "&lt;b&gt;環境&lt;/b&gt;" in page and "1 / 30" in page and course.handler.user.name in page
    assert Enrolment.objects.filter(course=course).count() == 1
