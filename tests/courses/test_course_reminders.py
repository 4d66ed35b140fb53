"""What a teacher gets before a course: leave three working days before, the day before at nine, an open application; never what is over."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import DayOff, User
from accounts.queries.days_off import forget_days
from courses.actions.course_reminders import LEAVE, UNDECIDED, UPCOMING, upcoming_batch
from courses.enums import CourseState, EnrolmentState, LeaveKind
from courses.models import Course, Enrolment, Session, YearlyPolicy
from courses.models.deadlines import DAY
from kit import clock
from kit.holidays import is_workday
from notices import outbox, timed
from notices.models import Notice
from tests.factories import (
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
# A Tuesday; three working days before it is the Thursday before, three days before it a Saturday.
HELD = date(2026, 3, 10)


def run(day: date, hour: int) -> list[str]:
    """The kinds of teachers' notices that the clock writes at an hour of a day."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(clock.at_taipei(day, time(hour))):
        timed.prepare_due()
    rows = Notice.objects.exclude(pk__in=before).filter(kind__in=(LEAVE, UPCOMING, UNDECIDED))
    return list(rows.order_by("pk").values_list("kind", flat=True))


def test_leave_is_named_three_working_days_before_and_the_course_on_the_day_before() -> None:
    make_enrolment(make_course(day=HELD, leave_kind=LeaveKind.SUBSTITUTE, bring="筆電"))
    told: dict[date, list[str]] = {}
    for number in range(-8, 2):
        day = HELD + number * DAY
        told[day] = run(day, 8) + run(day, 9)
    assert {day: kinds for day, kinds in told.items() if kinds} == {
        date(2026, 3, 5): [LEAVE],
        date(2026, 3, 9): [UPCOMING],
    }
    first, second = Notice.objects.filter(kind__in=(LEAVE, UPCOMING)).order_by("pk")
    assert "公假派代" in first.body and first.path.endswith("/proof/")
    assert "筆電" in second.body and "13:30–16:30" in second.body


def test_leave_and_open_decisions_count_the_working_days_of_the_county() -> None:
    """Monday 9 and Friday 6 March are off in the county of one course: leave moves from the 5th to the 3rd, the decision from the 6th to the 5th."""
    course = make_course(day=HELD)
    other = make_course(make_account(make_unit(county=make_county("澎湖縣"))), day=HELD)
    for one in (course, other):
        make_enrolment(one)
        make_enrolment(one, state=EnrolmentState.APPLIED)
    for day in (date(2026, 3, 6), date(2026, 3, 9)):
        facts = {"name": "颱風", "added_by": make_operator(), "added_at": clock.now()}
        DayOff.objects.create(day=day, county=course.unit.county, **facts)
    forget_days()
    told = {}
    for number in range(2, 10):
        day = date(2026, 3, number)
        kinds = run(day, 8)
        told |= {day: kinds} if kinds else {}
    assert told == {
        date(2026, 3, 3): [LEAVE],
        date(2026, 3, 5): [LEAVE, UNDECIDED],
        date(2026, 3, 6): [UNDECIDED],
    }


@pytest.mark.parametrize("leave", [LeaveKind.OUT_OF_HOURS, LeaveKind.NO_LEAVE])
def test_who_needs_no_leave_is_not_reminded_of_it(leave: str) -> None:
    make_enrolment(make_course(day=HELD, leave_kind=leave))
    assert run(date(2026, 3, 5), 8) == []


def test_a_monday_course_is_reminded_of_on_sunday_morning_and_not_before_nine() -> None:
    make_enrolment(make_course(day=date(2026, 3, 9)))
    assert run(date(2026, 3, 8), 8) == [] and run(date(2026, 3, 8), 9) == [UPCOMING]


def test_each_meeting_has_its_reminder_but_the_second_of_two_days_in_a_row() -> None:
    course = make_course(day=HELD)
    make_enrolment(course)
    for later in (1, 7):
        start = clock.at_taipei(HELD + later * DAY, time(9))
        Session.objects.create(course=course, starts_at=start, ends_at=start + timedelta(hours=3))
    Course.objects.filter(pk=course.pk).update(
        ends_on=HELD + 7 * DAY, ends_at=clock.at_taipei(HELD + 7 * DAY, time(12))
    )
    assert [run(HELD + n * DAY, 9) for n in (-1, 0, 6)] == [[UPCOMING], [], [UPCOMING]]


def test_an_application_that_is_still_open_is_notified_to_the_applicant() -> None:
    course = make_course(day=HELD, admission="review")
    make_enrolment(course, state=EnrolmentState.APPLIED)
    make_enrolment(course, state=EnrolmentState.DECLINED)
    assert run(date(2026, 3, 6), 8) == [UNDECIDED]


@pytest.mark.parametrize(
    "state", [EnrolmentState.CANCELLED, EnrolmentState.WAITLISTED, EnrolmentState.DECLINED]
)
def test_nobody_without_a_place_is_reminded(state: str) -> None:
    make_enrolment(make_course(day=HELD), state=state)
    assert run(HELD - DAY, 9) == []


def cancelled(row: Enrolment) -> None:
    Enrolment.objects.filter(pk=row.pk).update(state=EnrolmentState.CANCELLED)


def withdrawn(row: Enrolment) -> None:
    Course.objects.filter(pk=row.course_id).update(
        state=CourseState.WITHDRAWN,
        withdrawn_at=clock.now(),
        withdrawn_by=row.user,
        withdrawal_reason="other",
    )


def moved(row: Enrolment) -> None:
    for session in row.course.sessions.all():
        Session.objects.filter(pk=session.pk).update(
            starts_at=session.starts_at + 7 * DAY, ends_at=session.ends_at + 7 * DAY
        )


def begun(row: Enrolment) -> datetime:
    return clock.at_taipei(HELD, time(14))


@pytest.mark.parametrize("change", [cancelled, withdrawn, moved, begun])
def test_mail_that_waited_is_not_sent_about_what_has_changed(change: Any, mailoutbox: list[Any]) -> None:
    row = make_enrolment(make_course(day=HELD))
    assert run(HELD - DAY, 9) == [UPCOMING]
    with time_machine.travel(change(row) or clock.at_taipei(HELD - DAY, time(10))):
        outbox.drain()
    assert not mailoutbox


def test_mail_that_waited_names_the_place_as_it_is_now(mailoutbox: list[Any]) -> None:
    row = make_enrolment(make_course(day=HELD))
    run(HELD - DAY, 9)
    Course.objects.filter(pk=row.course_id).update(place="圖書館")
    with time_machine.travel(clock.at_taipei(HELD - DAY, time(10))):
        outbox.drain()
    assert "圖書館" in mailoutbox[0].body


def test_the_days_and_hours_are_the_policys() -> None:
    YearlyPolicy.objects.create(year=115, leave_workdays=5, day_before_hour=10)
    make_enrolment(make_course(day=HELD))
    assert run(date(2026, 3, 3), 8) == [LEAVE]
    assert run(HELD - DAY, 9) == [] and run(HELD - DAY, 10) == [UPCOMING]


def test_a_batch_takes_the_same_queries_for_one_and_for_fifty() -> None:
    def queries() -> int:
        is_workday(clock.today())  # the days off are in the cache
        with CaptureQueriesContext(connection) as seen:
            outbox.write(upcoming_batch(HELD - DAY, 0).notices)
        return len(seen)

    make_enrolment(make_course(day=HELD))
    one = queries()
    for _ in range(49):
        make_enrolment(make_course(day=HELD))
    # One of them reads the courses, which their people share.
    assert queries() == one <= 10


def test_batches_cover_every_course_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courses.queries.coming_courses.COURSES", 2)
    for _ in range(5):
        make_enrolment(make_course(day=HELD))
    assert run(HELD - DAY, 9) == [UPCOMING] * 5


# --- 報名證明 ----------------------------------------------------------------------------------------------------------
def page(user: User, course: Course) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/catalogue/{course.code}/proof/")


def test_the_proof_of_enrolment_is_for_those_who_have_a_place() -> None:
    course = make_course(make_account(), day=date(2026, 12, 1), leave_kind=LeaveKind.OWN_LESSONS)
    row, waiting = make_enrolment(course), make_enrolment(course, state=EnrolmentState.WAITLISTED)
    text = page(row.user, course).content.decode()
    for word in (row.user.name, course.title, course.unit.name, "公假課務自理", "茲證明"):
        assert word in text
    for person in (waiting.user, make_user()):
        assert page(person, course)["Location"] == f"/catalogue/{course.code}/"
