"""The overviews by the clock: the lead's on Monday, the county's on the first of the month, last year's rest weekly."""

from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import BusinessAccount, DayOff
from accounts.queries.days_off import forget_days
from courses.actions import county_overviews as county
from courses.actions import lights
from courses.enums import CourseState, EnrolmentState
from courses.models import YearlyPolicy
from hours.actions import unit_overviews as week
from kit import clock
from kit.holidays import is_workday
from notices import outbox, timed
from notices.models import Notice
from tests.factories import (
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)
KINDS = (week.KIND, county.MONTH, county.REST)


def run(day: date, hour: int = 8) -> list[Notice]:
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(clock.at_taipei(day, time(hour))):
        timed.prepare_due()
    return list(Notice.objects.exclude(pk__in=before).filter(kind__in=KINDS).order_by("pk"))


def test_on_monday_the_lead_reads_what_is_to_close_by_handler_and_what_turns_the_light() -> None:
    handler = make_account()
    lead = make_lead(handler.unit)
    for ago in (3, 40, 41):
        make_course(handler, ago=ago)
    make_course(handler, state=CourseState.DRAFT)
    review = make_course(handler, admission="review")
    make_enrolment(review, state=EnrolmentState.APPLIED)
    (row,) = run(MONDAY)
    assert row.recipient_id == lead.user_id and row.kind == week.KIND
    for words in (
        f"{handler.user.name}：3 門，其中逾期 2 門",
        "待審報名：1 件",
        "課程草稿：1 門",
        "再有 3 門",
        "黃燈",
    ):
        assert words in row.body, row.body
    assert not run(MONDAY) and not run(date(2026, 12, 1))


def test_a_unit_with_nothing_to_do_is_left_alone() -> None:
    make_course(make_lead())
    assert run(MONDAY) == []


def test_after_a_monday_off_the_overview_comes_on_the_next_working_day() -> None:
    make_course(make_lead(), day=date(2026, 9, 20))
    assert run(date(2026, 9, 28)) == [] and len(run(date(2026, 9, 29))) == 1


def rest(place: Any, day: date) -> None:
    DayOff.objects.create(day=day, county=place, name="颱風", added_by=make_operator(), added_at=clock.now())
    forget_days()


def test_where_the_county_rests_the_overviews_come_on_its_first_working_day() -> None:
    officer = make_officer(make_county("澎湖縣"))
    resting, other = (make_lead(make_unit(county=officer.unit.county)), make_lead())
    for lead in (resting, other):
        make_course(lead, ago=40)
    lights.refresh()
    first = date(2026, 12, 1)
    for day in (MONDAY, first):
        rest(officer.unit.county, day)
    assert [row.recipient_id for row in run(MONDAY)] == [other.user_id]
    assert run(first) == []
    assert {(row.kind, row.recipient_id) for row in run(first + timedelta(days=1))} == {
        (week.KIND, resting.user_id),
        (county.MONTH, officer.user_id),
    }


def overdue_county() -> BusinessAccount:
    officer = make_officer()
    handler = make_account(make_unit(county=officer.unit.county))
    for ago in (40, 41, 50):
        make_course(handler, ago=ago)
    make_course(make_account(make_unit(county=make_county("高雄市"))), ago=40)
    lights.refresh()
    return officer


def test_on_the_first_of_the_month_the_officer_reads_the_own_countys_units_by_need() -> None:
    officer = overdue_county()
    (row,) = run(date(2026, 12, 1))
    assert (row.kind, row.recipient_id) == (county.MONTH, officer.user_id)
    assert "逾期 3 門" in row.body and "逾期已久" in row.body and "高雄" not in row.body
    assert not run(date(2026, 12, 2))


def test_the_county_sees_on_its_page_what_is_long_overdue(client: Client) -> None:
    officer = overdue_county()
    client.force_login(officer.user)
    assert "門研習逾期已久" in client.get("/county/").content.decode()
    YearlyPolicy.objects.create(year=115, escalation_days=60)
    assert "門研習逾期已久" not in client.get("/county/").content.decode()


def test_last_years_rest_is_told_each_week_until_the_final_deadline() -> None:
    officer = make_officer()
    make_course(make_account(make_unit(county=officer.unit.county)), day=date(2025, 12, 10))
    told = []
    for day in (date(2026, 1, n) for n in range(1, 14)):
        told += [day for row in run(day) if row.kind == county.REST]
    assert told == [date(2026, 1, 5), date(2026, 1, 12)]
    assert county.is_rest_day(date(2026, 3, 30)) and not county.is_rest_day(date(2026, 4, 7))


def test_an_overview_that_waited_is_not_sent_to_who_has_left_nor_days_later(mailoutbox: list[Any]) -> None:
    lead, other = make_lead(), make_lead()
    make_course(lead, ago=3)
    make_course(other, ago=3)
    assert len(run(MONDAY)) == 2
    BusinessAccount.objects.filter(pk=lead.pk).update(valid_until=date(2026, 11, 29))
    Notice.objects.exclude(kind=week.KIND).update(by_mail=False)
    with time_machine.travel(clock.at_taipei(MONDAY, time(10))):
        outbox.drain()
    assert [mail.to for mail in mailoutbox] == [[other.user.email]]
    make_course(other, ago=2)
    run(date(2026, 12, 7))
    Notice.objects.exclude(kind=week.KIND).update(by_mail=False)
    with time_machine.travel(clock.at_taipei(date(2026, 12, 9), time(10))):
        outbox.drain()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("make", [week.batch, county.month_batch, county.rest_batch])
def test_a_batch_takes_the_same_queries_for_one_and_for_many(make: Any) -> None:
    day = {county.rest_batch: date(2026, 1, 5), county.month_batch: date(2026, 12, 1)}.get(make, MONDAY)

    def one_more() -> None:
        officer = make_officer(make_county(f"縣{Notice.objects.count()}{make_unit().code}"))
        lead = make_lead(make_unit(county=officer.unit.county), valid_from=date(2025, 1, 1))
        make_course(lead, ago=40)
        make_course(lead, day=date(2025, 12, 10))
        lights.refresh()

    def queries() -> int:
        is_workday(clock.today())  # the days off are in the cache
        with CaptureQueriesContext(connection) as seen:
            assert outbox.write(make(day, 0).notices)
        return len(seen)

    one_more()
    one = queries()
    for _ in range(6):
        one_more()
    assert queries() == one <= 10
