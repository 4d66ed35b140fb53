"""停班停課: one act of a county postpones the courses of that time until new days are chosen (docs/handbook, chapter 21)."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import DayOff, User
from audit.models import AuditEvent
from courses.actions import (
    course_fields,
    course_reminders,
    enrolments,
    postponements,
    registration,
    suspensions,
    withdrawal,
)
from courses.actions.suspensions import SuspensionFacts
from courses.enums import EnrolmentState as S
from courses.enums import Phase, PostponementOutcome
from courses.errors import EnrolmentClosed, OnlyOversight
from courses.errors.postponements import (
    AlreadySuspended,
    CoursePostponed,
    DaySuspended,
    NotYourSuspension,
    SuspensionBackwards,
    SuspensionBegun,
    SuspensionBehind,
    SuspensionEnded,
)
from courses.forms.suspensions import SuspensionForm
from courses.locks import lock_courses
from courses.models import Course, Postponement, Session, Suspension
from courses.queries.lights import overdue_now
from courses.queries.phase import phase_of
from hours.queries import due_reminders
from jobs import runner
from jobs.models import Job
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    overdue_courses,
    teacher,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 9)


@pytest.fixture(autouse=True)
def _the_evening_before() -> Any:
    with time_machine.travel(clock.at_taipei(DAY - timedelta(days=1), time(19)), tick=False):
        yield


def at(day: date, hour: int) -> datetime:
    return clock.at_taipei(day, time(hour))


def facts(**more: Any) -> SuspensionFacts:
    return SuspensionFacts(**{"county": None, "name": "颱風", "day": DAY} | more)


def announced(by: Actor | None = None, **more: Any) -> Suspension:
    row, job = suspensions.announce(by=by or acting(make_officer()), facts=facts(**more))
    runner.run(job.pk)
    return row


def taken_back(row: Suspension, by: Actor) -> None:
    runner.run(suspensions.take_back(by=by, suspension=row).pk)


def held(**more: Any) -> Course:
    """A course on the day, 13:30–16:30."""
    return make_course(day=DAY, **more)


def now(course: Course) -> Course:
    return Course.objects.get(pk=course.pk)


def moved(course: Course, *sessions: tuple[date, int], by: Actor | None = None) -> Course:
    """Save the course with other sessions, or with its own, as the handler."""
    fields = {name: getattr(course, name) for name in course_fields.WRITABLE}
    wanted = [(at(day, hour), at(day, hour + 3)) for day, hour in sessions]
    if not sessions:
        wanted = list(course.sessions.values_list("starts_at", "ends_at"))
    data = course_fields.CourseData(
        fields=fields,
        sessions=[course_fields.SessionData(*times) for times in wanted],
        instructors=[("黃講師", "")],
        stages=course.stages.all(),
    )
    return registration.update(course=course, by=by or acting(course.handler), data=data)


def told(kind: str) -> set[int | None]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_everybody_is_notified_at_once_and_nobody_is_absent() -> None:
    course, other_day = held(), make_course(day=DAY + timedelta(days=1))
    row, waits = make_enrolment(course), make_enrolment(course, state=S.WAITLISTED)
    announced()
    assert now(course).postponed_at and not now(other_day).postponed_at
    assert told("course_postponed") == {row.user_id, waits.user_id}
    assert told("course_to_move") == {course.handler.user_id}
    assert "請勿前往" in Notice.objects.get(kind="course_postponed", recipient=row.user).body
    with time_machine.travel(at(DAY, 20)):
        assert phase_of(now(course)) == Phase.POSTPONED and not now(course).has_ended()
        with pytest.raises(CoursePostponed):
            close(now(course), absent=(row,))
    row.refresh_from_db()
    assert row.state == S.ADMITTED


def test_until_then_there_is_no_light_no_reminder_and_cancelling_is_free() -> None:
    handler = make_account()
    overdue_courses(handler, 1)
    course = held(handler=handler)
    row = make_enrolment(course, enrolled_at=clock.now() - timedelta(days=9))
    announced()
    long_after = at(DAY + timedelta(days=60), 10)
    with time_machine.travel(long_after, tick=False):
        assert overdue_now(handler.unit_id) == 0 or not now(course).has_ended()
        assert course.pk not in Course.objects.overdue().values_list("pk", flat=True)
        steps = due_reminders.steps_of([handler.user_id], clock.today())
        assert course.pk not in {step.course.pk for found in steps.values() for step in found}
        with pytest.raises(EnrolmentClosed):
            enrolments.enrol(code=course.code, by=teacher(make_user()))
        assert enrolments.cancel(course=course, by=teacher(row.user)).state == S.CANCELLED


def test_new_days_settle_it_and_the_closing_deadline_follows() -> None:
    course = held()
    row = make_enrolment(course, enrolled_at=clock.now() - timedelta(days=9))
    suspension = announced()
    new = DAY + timedelta(days=14)
    moved(now(course), (new, 9))
    course = now(course)
    assert (course.postponed_at, course.ends_on) == (None, new)
    assert Postponement.objects.get().outcome == PostponementOutcome.MOVED
    assert "course_changed" in set(Notice.objects.filter(recipient=row.user).values_list("kind", flat=True))
    assert not postponements.postpone_some(
        by=Actor(suspension.made_by.user, suspension.made_by), suspension=suspension
    )
    with time_machine.travel(at(new, 13)):
        assert close(course).attended == 1


def test_another_change_leaves_it_postponed_and_a_suspended_day_is_no_new_day() -> None:
    course = held()
    announced()
    announced(acting(make_officer()), day=DAY + timedelta(days=1))
    moved(now(course))
    assert now(course).postponed_at and not Session.objects.filter(course=course, suspension=None).exists()
    with pytest.raises(DaySuspended):
        moved(now(course), (DAY + timedelta(days=1), 9))
    draft = make_course(day=DAY, state="draft", handler=course.handler)
    with pytest.raises(DaySuspended):
        registration.register(course=draft, by=acting(course.handler))


def test_not_held_settles_it() -> None:
    course = held()
    make_enrolment(course)
    announced()
    withdrawal.withdraw(course=now(course), by=acting(course.handler), reason="not_held")
    assert Postponement.objects.get().outcome == PostponementOutcome.NOT_HELD
    assert now(course).postponed_at is None


def test_of_several_sessions_only_those_of_that_time_are_postponed() -> None:
    course = held()
    later = DAY + timedelta(days=7)
    moved(course, (DAY, 13), (later, 13))
    row = make_enrolment(now(course))
    announced()
    marked = [session.suspension_id is not None for session in course.sessions.order_by("starts_at")]
    assert marked == [True, False]
    with time_machine.travel(at(DAY - timedelta(days=1), 21)):
        assert not course_reminders.upcoming_batch(clock.today(), 0).notices, "not that of the suspended day"
    with time_machine.travel(at(later - timedelta(days=1), 9)):
        assert [notice.to for notice in course_reminders.upcoming_batch(clock.today(), 0).notices] == [
            row.user
        ]


@pytest.mark.parametrize(
    ("more", "is_reached"),
    [
        ({}, True),
        ({"from_time": time(12), "until_time": time(18)}, True),
        ({"from_time": time(6), "until_time": time(13, 30)}, False),
        ({"districts": ["南州鄉"]}, True),
        ({"districts": ["恆春鎮"]}, False),
    ],
)
def test_hours_and_towns_decide_which_courses_are_reached(more: dict[str, Any], is_reached: bool) -> None:
    course = held(handler=make_account(make_unit(district="南州鄉")))
    held(handler=make_account(make_unit(county=make_county("花蓮縣"))))
    announced(**more)
    assert set(Course.objects.postponed()) == ({course} if is_reached else set())
    assert DayOff.objects.filter(day=DAY).exists() == (not more), "the whole day everywhere is a day off"


def test_a_session_that_was_over_when_it_was_announced_was_held() -> None:
    course = held()
    with time_machine.travel(at(DAY, 17)):
        announced()
    assert not now(course).postponed_at


def test_taken_back_before_it_begins_the_rest_is_held_as_planned() -> None:
    officer = acting(make_officer())
    course, decided = held(), held()
    row = make_enrolment(course)
    suspension = announced(officer)
    moved(now(decided), (DAY + timedelta(days=14), 9))
    Notice.objects.all().delete()
    taken_back(suspension, officer)
    assert now(course).postponed_at is None and not Session.objects.exclude(suspension=None).exists()
    outcomes = dict(Postponement.objects.values_list("course_id", "outcome"))
    assert outcomes == {course.pk: PostponementOutcome.TAKEN_BACK, decided.pk: PostponementOutcome.MOVED}
    assert told("course_postponed") == {row.user_id} and told("course_to_move") == {course.handler.user_id}
    assert DayOff.objects.get(day=DAY).ended_at
    with pytest.raises(SuspensionEnded):
        suspensions.take_back(by=officer, suspension=suspension)
    announced(officer)
    assert now(course).postponed_at, "announced anew"


def test_a_course_that_gets_new_days_while_it_is_restored_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer, course = acting(make_officer()), held()
    suspension = announced(officer)
    Notice.objects.all().delete()

    def after_the_handler(ids: list[int]) -> dict[int, Course]:
        moved(now(course), (DAY + timedelta(days=14), 9))
        return lock_courses(ids)

    monkeypatch.setattr(postponements, "lock_courses", after_the_handler)
    taken_back(suspension, officer)
    assert Postponement.objects.get().outcome == PostponementOutcome.MOVED
    assert not told("course_to_move") and not AuditEvent.objects.filter(action="course.restore").exists()


def test_two_suspensions_of_one_course_are_settled_together() -> None:
    officer = acting(make_officer())
    course = held()
    moved(course, (DAY, 9), (DAY, 13))
    morning = announced(officer, from_time=time(0), until_time=time(12))
    announced(officer, from_time=time(12), until_time=time(18))
    taken_back(morning, officer) if morning.starts_at > clock.now() else None
    assert now(course).postponed_at, "the afternoon is still suspended"


@pytest.mark.parametrize("is_last_first", [False, True])
def test_what_another_suspension_covers_stays_postponed_when_one_is_taken_back(is_last_first: bool) -> None:
    officer, course = acting(make_officer()), held()
    make_enrolment(course)
    scopes = [{"from_time": time(12), "until_time": time(18)}, {}]
    first, last = (announced(officer, **scope) for scope in (scopes[::-1] if is_last_first else scopes))
    Notice.objects.all().delete()
    taken_back(first, officer)
    assert now(course).postponed_at and course.sessions.get().suspension == last
    assert Postponement.objects.get(settled_at=None).suspension == last
    assert not told("course_postponed") and not told("course_to_move"), "it is not held"
    assert not AuditEvent.objects.filter(action="course.restore").exists()
    taken_back(last, officer)
    assert now(course).postponed_at is None and not Session.objects.exclude(suspension=None).exists()
    assert told("course_to_move") == {course.handler.user_id}


def test_the_sessions_that_no_other_suspension_covers_are_held_again() -> None:
    officer, course = acting(make_officer()), held()
    moved(course, (DAY, 9), (DAY, 13))
    whole = announced(officer)
    afternoon = announced(officer, from_time=time(12), until_time=time(18))
    Notice.objects.all().delete()
    taken_back(whole, officer)
    waits = [row.suspension for row in now(course).sessions.order_by("starts_at")]
    assert waits == [None, afternoon] and now(course).postponed_at
    assert told("course_to_move"), "the morning is held"


def test_it_is_done_once_however_often_it_is_requested() -> None:
    officer = acting(make_officer())
    row = make_enrolment(held())
    suspension = announced(officer)
    with pytest.raises(AlreadySuspended):
        announced(officer)
    for _ in range(2):
        runner.run(suspensions.go_on(by=officer, suspension=suspension).pk)
    assert Notice.objects.filter(kind="course_postponed", recipient=row.user).count() == 1
    assert Postponement.objects.count() == 1


def test_many_courses_are_postponed_in_pieces() -> None:
    handler = make_account()
    for _ in range(postponements.AT_ONCE + 3):
        held(handler=handler)
    announced()
    assert Course.objects.postponed().count() == postponements.AT_ONCE + 3
    assert Job.objects.latest("pk").done == postponements.AT_ONCE + 3


REFUSED: list[tuple[type[Exception], dict[str, Any]]] = [
    (SuspensionBehind, {"day": DAY - timedelta(days=2)}),
    (SuspensionBackwards, {"from_time": time(12)}),
    (SuspensionBackwards, {"from_time": time(12), "until_time": time(11)}),
]


@pytest.mark.parametrize(("refusal", "more"), REFUSED)
def test_what_cannot_be_announced(refusal: type[Exception], more: dict[str, Any]) -> None:
    with pytest.raises(refusal):
        announced(**more)


def test_who_may_not() -> None:
    suspension = announced()
    far = acting(make_officer(make_county("花蓮縣")))
    acts: list[tuple[type[Exception], Callable[[], object]]] = [
        (OnlyOversight, lambda: announced(acting(make_account()))),
        (NotYourSuspension, lambda: announced(acting(make_operator()))),
        (NotYourSuspension, lambda: suspensions.take_back(by=far, suspension=suspension)),
        (NotYourSuspension, lambda: postponements.postpone_some(by=far, suspension=suspension)),
        (NotYourSuspension, lambda: postponements.restore_some(by=far, suspension=suspension)),
    ]
    for refusal, act in acts:
        with pytest.raises(refusal):
            act()
    with time_machine.travel(at(DAY, 1)), pytest.raises(SuspensionBegun):
        suspensions.take_back(by=acting(suspension.made_by), suspension=suspension)


@pytest.mark.parametrize("typed", ["24:00", "00:00", "２４：００"])
def test_a_suspension_until_midnight_lasts_until_the_end_of_its_day(typed: str) -> None:
    sent = {"name": "颱風", "day": "2026-12-09", "from_time": "18:00", "until_time": typed}
    form = SuspensionForm(sent, by=acting(make_officer()))
    assert form.is_valid(), form.errors
    row = suspensions.prepare(by=acting(make_officer()), facts=form.facts)
    assert row.ends_at == clock.at_taipei(DAY, time(23, 59))


def test_from_page_to_page() -> None:
    course = held()
    row, officer = make_enrolment(course), logged_in(make_officer().user)
    typed = {"name": "康芮颱風", "day": "2026-12-09", "from_time": "", "until_time": ""}
    preview = officer.post(reverse("courses:suspension_new"), typed)
    assert course.title in preview.content.decode() and not Suspension.objects.exists()
    mark = preview.context["mark"]
    held()
    again = officer.post(reverse("courses:suspension_new"), typed | {"seen": mark})
    assert not Suspension.objects.exists(), "a course that was not shown is shown first"
    officer.post(reverse("courses:suspension_new"), typed | {"seen": again.context["mark"]})
    runner.run(Job.objects.latest("pk").pk)
    suspension = Suspension.objects.get()
    assert "待選新日期" in officer.get(reverse("courses:suspension", args=[suspension.pk])).content.decode()
    handler = logged_in(course.handler.user)
    assert "門課程延期，請選擇新日期" in handler.get(reverse("courses:unit_home")).content.decode()
    assert course.title in handler.get(reverse("courses:unit_courses") + "?state=postponed").content.decode()
    assert "選擇新日期" in handler.get(reverse("courses:detail", args=[course.code])).content.decode()
    public = Client().get(reverse("courses:public", args=[course.code])).content.decode()
    assert "延期：停班停課" in public and "恢復報名" in public
    assert (
        "新日期公布前都可取消"
        in logged_in(row.user).get(reverse("courses:public", args=[course.code])).content.decode()
    )
    officer.post(reverse("courses:suspension_take_back", args=[suspension.pk]))
    runner.run(Job.objects.latest("pk").pk)
    assert not Course.objects.postponed().exists()


def test_the_pages_name_the_sessions_that_are_postponed_and_not_enrolment_as_closed() -> None:
    course = held(title="延期的課")
    make_course(day=DAY + timedelta(days=1), title="照常的課")
    announced()
    page = Client().get(reverse("courses:public", args=[course.code])).content.decode()
    box = page.partition('id="enrol-heading"')[2].partition("</section>")[0]
    assert "原訂日期" in box and "place-postponed" in box and "報名截止" not in box
    assert re.search(r'<ol class="sessions">.*?state-postponed.*?</ol>', page, re.DOTALL)
    found = Client().get(reverse("courses:catalogue")).content.decode()
    assert found.count("place-postponed") == 1 and "延期的課" in found and "照常的課" in found
    shown = logged_in(course.handler.user).get(reverse("courses:detail", args=[course.code])).content.decode()
    facts_of_it = shown.partition('<dl class="facts">')[2]
    assert facts_of_it.count("state-postponed") == 1
