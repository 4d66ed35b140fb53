"""What those in charge are reminded of: once an event, in one message a day, and nothing that is done or not theirs any more."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Affiliation, BusinessAccount, DayOff
from accounts.queries.days_off import forget_days
from courses.enums import Admission, CourseState, EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.models.deadlines import DAY
from hours.actions.due_reminders import KIND, batch
from hours.queries.closing_steps import AFTER, ENDED, FIRST, FOR_HANDLERS, FOR_LEADS, LAST, LATE, closing_step
from kit import clock
from notices import outbox, timed
from notices.models import Notice
from tests.factories import (
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
# A Wednesday; its course is due on 3 January 2027 by thirty days, a Sunday.
HELD = date(2026, 3, 4)


def at(day: date, hour: int = 8) -> datetime:
    return clock.at_taipei(day, time(hour))


def run(day: date) -> list[Notice]:
    """What the clock writes on the morning of a day."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(at(day)):
        timed.prepare_due()
    return list(Notice.objects.filter(kind=KIND).exclude(pk__in=before).order_by("recipient_id"))


def steps_of(rows: list[Notice]) -> list[list[str]]:
    return [[ref.split(":")[2] for ref in row.refs] for row in rows]


def test_the_ladder_of_a_course_moves_to_working_days() -> None:
    """Held on Thursday 9 April 2026, thirty days to close: the deadline is Saturday 9 May."""
    course = make_course(day=date(2026, 4, 9))
    policy = YearlyPolicy(year=115)
    found = {}
    for number in range(60):
        day = date(2026, 4, 9) + number * DAY
        step = closing_step(course, policy, day, FOR_HANDLERS)
        if step and step.step not in found:
            found[step.step] = day
    assert found == {
        ENDED: date(2026, 4, 10),
        FIRST: date(2026, 4, 30),  # 2 May is a Saturday, 1 May a holiday
        LAST: date(2026, 5, 8),
        AFTER: date(2026, 5, 11),
        LATE: date(2026, 5, 25),
    }


def test_the_step_of_long_ago_is_not_reminded_of_when_the_clock_starts() -> None:
    course = make_course(day=date(2026, 4, 9))
    assert closing_step(course, YearlyPolicy(year=115), date(2026, 11, 24), FOR_HANDLERS) is None


def test_the_morning_after_the_last_session_the_handler_gets_the_sheet() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    course = make_course(handler, day=HELD)
    for _ in range(2):
        make_enrolment(course)
    (row,) = run(HELD + DAY)
    assert row.recipient_id == handler.user_id != lead.user_id
    assert row.path == f"/unit/courses/{course.code}/close/"
    assert "2 人" in row.body and "3 小時" in row.body and settings.SITE_URL + row.path in row.body
    assert not run(HELD + 2 * DAY), "once"


def test_the_sheet_opens_after_the_log_in(client: Any) -> None:
    course = make_course(make_account(), day=HELD)
    with time_machine.travel(at(HELD + DAY)):
        path = f"/unit/courses/{course.code}/close/"
        assert client.get(path)["Location"].endswith(f"?next={path}")


def test_one_message_a_day_lists_everything_by_deadline() -> None:
    handler = make_account()
    later = make_course(
        handler, day=HELD, ends_on=HELD + DAY, ends_at=clock.end_of_day(HELD + DAY) - timedelta(hours=1)
    )
    earlier = make_course(handler, day=HELD + DAY)
    Course.objects.filter(pk=later.pk).update(year=115)
    old = make_course(handler, day=HELD - 24 * DAY)  # its last-but-seven day is this morning
    (row,) = run(HELD + 2 * DAY)
    assert [int(ref.split(":")[1]) for ref in row.refs][0] == old.pk and len(row.refs) == 3
    assert row.body.index(old.code) < row.body.index(earlier.code)
    assert row.path.startswith("/unit/courses/?state=registered")


def test_the_day_after_the_deadline_the_leads_get_a_copy_and_later_once_more() -> None:
    handler = make_account()
    lead, other = make_lead(handler.unit), make_lead()
    make_course(handler, day=HELD)  # due Friday 3 April, a holiday until Monday 6
    assert [row.recipient_id for row in run(date(2026, 4, 7))] == [handler.user_id, lead.user_id]
    rows = run(date(2026, 4, 17))
    assert steps_of(rows) == [[LATE], [LATE]] and other.user_id not in [row.recipient_id for row in rows]


def test_the_leads_get_the_ladder_of_a_course_whose_handler_has_left() -> None:
    handler = make_account(valid_until=HELD)
    lead = make_lead(handler.unit)
    make_course(handler, day=HELD)
    (row,) = run(HELD + DAY)
    assert row.recipient_id == lead.user_id and steps_of([row]) == [[ENDED]]


@pytest.mark.parametrize("state", [CourseState.CLOSED, CourseState.WITHDRAWN])
def test_nobody_is_reminded_of_a_course_that_is_done(state: str) -> None:
    course = make_course(make_account(), day=HELD)
    done = (
        {"closed_at": at(HELD, 18)}
        if state == CourseState.CLOSED
        else {"withdrawn_at": at(HELD, 18), "withdrawn_by": make_user(), "withdrawal_reason": "other"}
    )
    Course.objects.filter(pk=course.pk).update(state=state, **done)
    assert not run(HELD + DAY)


def test_mail_that_waited_names_only_what_is_still_open(mailoutbox: list[Any]) -> None:
    handler = make_account()
    first, second = make_course(handler, day=HELD), make_course(handler, day=HELD)
    (row,) = run(HELD + DAY)
    with time_machine.travel(at(HELD + DAY, 9)):
        close(first)
        outbox.drain_all()
    mails = [mail.body for mail in mailoutbox if mail.to == [handler.user.email]]
    assert len(mails) == 1 and second.code in mails[0] and first.code not in mails[0]


def test_mail_is_not_sent_when_all_is_closed_or_the_account_has_ended(mailoutbox: list[Any]) -> None:
    handler, former = make_account(), make_account()
    course = make_course(handler, day=HELD)
    make_course(former, day=HELD)
    assert len(run(HELD + DAY)) == 2
    with time_machine.travel(at(HELD + DAY, 9)):
        close(course)
        BusinessAccount.objects.filter(pk=former.pk).update(valid_until=HELD)
        outbox.drain_all()
    assert not [mail for mail in mailoutbox if mail.to in ([handler.user.email], [former.user.email])]


def test_open_decisions_are_reminded_of_three_days_before_the_course() -> None:
    """The course is on Tuesday: three days before is a Saturday, so the notice comes on Friday."""
    handler = make_account()
    course = make_course(handler, day=date(2026, 3, 10), admission=Admission.REVIEW)
    make_enrolment(course, state=EnrolmentState.APPLIED)
    decided = make_course(handler, day=date(2026, 3, 10), admission=Admission.REVIEW)
    make_enrolment(decided)
    assert not run(date(2026, 3, 5))
    (row,) = run(date(2026, 3, 6))
    assert row.refs == [f"course:{course.pk}:decide:2026-03-10"]
    assert row.path == f"/unit/courses/{course.code}/applicants/"


def test_the_steps_and_the_hour_are_the_years_policy() -> None:
    YearlyPolicy.objects.create(year=115, remind_hour=10, first_warning_days=10)
    make_course(make_account(), day=HELD)
    assert not run(HELD + DAY)
    with time_machine.travel(at(HELD + DAY, 10)):
        assert timed.prepare_due()[KIND] == 1
    with time_machine.travel(at(date(2026, 3, 24), 10)):
        assert timed.prepare_due()[KIND] == 1


def test_a_batch_takes_the_same_queries_for_one_and_for_fifty() -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            found = batch(HELD + DAY, 0)
            outbox.write(found.notices)
        return len(seen)

    make_course(make_account(), day=HELD)
    one = queries()
    for _ in range(50):
        make_course(make_account(), day=HELD)
    assert queries() == one <= 10


def test_the_leads_steps_are_among_the_handlers() -> None:
    assert set(FOR_LEADS) < set(FOR_HANDLERS)


def rest(county: Any, day: date) -> None:
    DayOff.objects.create(day=day, county=county, name="颱風", added_by=make_operator(), added_at=clock.now())
    forget_days()


def test_the_ladder_moves_by_the_days_off_of_the_county() -> None:
    course, other = (
        make_course(day=HELD),
        make_course(make_account(make_unit(county=make_county("澎湖縣"))), day=HELD),
    )
    policy = YearlyPolicy(year=115)
    due = policy.due_on(HELD) - policy.first_warning_days * DAY
    rest(course.unit.county, HELD + DAY)
    rest(course.unit.county, due)
    for one, days in ((course, (2, -1)), (other, (1, 0))):
        first = closing_step(one, policy, HELD + days[0] * DAY, (ENDED,))
        assert first and first.day == HELD + days[0] * DAY
        assert not closing_step(one, policy, HELD + (days[0] - 1) * DAY, (ENDED,))
        warned = closing_step(one, policy, due, (FIRST,))
        assert warned and warned.day == due + days[1] * DAY


def test_mail_of_the_clock_waits_while_the_county_of_its_reader_rests(mailoutbox: list[Any]) -> None:
    """Leave is to be arranged three working days before 10 March: on the 5th, when one county has a day off."""
    organiser = make_account(make_unit(county=make_county("高雄市")))
    course, day = make_course(organiser, day=date(2026, 3, 10)), HELD + DAY
    resting = make_user(unit=make_unit())
    away = make_user(unit=make_unit(county=make_county("澎湖縣")))
    both = make_user(unit=Affiliation.objects.get(user=resting).unit)
    Affiliation.objects.create(user=both, unit=Affiliation.objects.get(user=away).unit, title="教師")
    for person in (resting, away, both):
        make_enrolment(course, person)
    rest(Affiliation.objects.get(user=resting).unit.county, day)
    run(day)
    with time_machine.travel(at(day)):
        outbox.drain_all()
    told = sorted(message.to[0] for message in mailoutbox if "公假" in message.subject)
    assert told == sorted([away.email, both.email])
    assert Notice.objects.for_person(resting.pk).count() == 1
    with time_machine.travel(at(day + DAY)):
        outbox.drain_all()
    assert resting.email in [message.to[0] for message in mailoutbox]


def test_a_postponed_course_without_new_days_is_reminded_of() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    course = make_course(handler, day=HELD, postponed_at=at(HELD))
    assert run(HELD + 6 * DAY) == []
    [row] = run(date(2026, 3, 11))
    assert (row.recipient_id, steps_of([row])) == (handler.user_id, [["postponed"]])
    assert row.path.endswith(f"{course.code}/") and "延期" in row.body and "新日期" in row.subject
    rows = run(date(2026, 3, 18))
    assert {r.recipient_id for r in rows} == {handler.user_id, lead.user_id}
    assert steps_of(rows) == [["postponed_long"], ["postponed_long"]]
    Course.objects.update(postponed_at=None, ends_on=date(2026, 5, 1), starts_on=date(2026, 5, 1))
    with time_machine.travel(at(date(2026, 3, 18))):
        outbox.drain_all()
    assert not Notice.objects.filter(mailed_at__isnull=False).exists()
