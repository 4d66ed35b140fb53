"""What turns red if nobody acts: the forecast's day is the day on which the light itself turns red."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.actions import reminders
from courses.errors import OnlyOversight
from courses.models import YearlyPolicy
from courses.queries import forecast
from courses.queries.lights import registration_is_open
from courses.queries.unit_outlook import outlook, unclosed
from jobs import runner
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    overdue_courses,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def year_end() -> date:
    return clock.year_bounds(clock.this_year())[1]


def days(units: Any = None) -> dict[int, date]:
    found = forecast.red_days(clock.today(), year_end(), units)
    return {pk: red_on for pk, (red_on, _lit) in found.items()}


def nearly_red(county: Any = None, in_days: int = 10, overdue: int = 4) -> Any:
    """A handler of a unit with overdue courses and one that is over and falls due in some days."""
    handler = make_account(make_unit(county=county or make_county()))
    overdue_courses(handler, overdue)
    make_course(handler, ago=31 - in_days)
    return handler


@pytest.mark.parametrize("earlier_years", [False, True])
def test_a_unit_turns_red_on_the_day_of_the_forecast_and_not_the_day_before(earlier_years: bool) -> None:
    YearlyPolicy.objects.create(year=115, unit_red_at=3, closing_days=20, count_earlier_years=earlier_years)
    handler = make_account()
    for ago in (30, 12, 3, -2, 400):
        make_course(handler, ago=ago)
    red_on = days()[handler.unit_id]
    with time_machine.travel(clock.at_taipei(red_on - DAY), tick=False):
        assert registration_is_open(handler.unit_id)
    with time_machine.travel(clock.at_taipei(red_on), tick=False):
        assert not registration_is_open(handler.unit_id)


def test_the_forecast_of_all_units_is_that_of_each_units_own_page() -> None:
    handlers = [nearly_red(in_days=n, overdue=4 - n % 2) for n in range(1, 6)]
    for handler in handlers[::2]:
        make_course(handler, ago=20)
    day, policies = clock.today(), YearlyPolicy.objects.current()
    own = {
        handler.unit_id: outlook(unclosed(handler.unit_id, 115, day, policies), 115, day, policies).red_on
        for handler in handlers
    }
    assert days() == {pk: red_on for pk, red_on in own.items() if red_on}
    assert len(days()) >= 3


def test_a_red_unit_and_one_that_closes_are_not_ahead() -> None:
    red, closing = make_account(), nearly_red()
    overdue_courses(red, 6)
    assert closing.unit_id in days() and red.unit_id not in days()
    close(closing.courses.order_by("ends_on").last())
    assert days() == {}


def test_what_falls_due_next_year_turns_no_light_of_this_year() -> None:
    handler = make_account()
    overdue_courses(handler, 4)
    make_course(handler, day=date(2026, 12, 5))
    assert days() == {}
    assert forecast.window_end(date(2026, 12, 25)) == date(2026, 12, 31)


def test_the_county_sees_who_turns_red_in_fourteen_days_and_notifies_just_those() -> None:
    officer = make_officer()
    county = officer.unit.county
    soon, later, far = (
        nearly_red(county),
        nearly_red(county, in_days=20),
        nearly_red(make_county("花蓮縣")),
    )
    client = Client()
    client.force_login(officer.user)
    page = client.get(reverse("courses:forecast")).content.decode()
    assert soon.unit.name in page and later.unit.name not in page and far.unit.name not in page
    assert "將再有 1 個單位轉為紅燈" in page and "115年12月4日" in page
    assert "將再有 1 個單位轉為紅燈" in client.get(reverse("courses:county")).content.decode()
    client.post(reverse("courses:forecast_notify"), {"all": "1"})
    notice = Notice.objects.get(kind="please_close")
    assert notice.recipient == soon.user
    assert "115年12月4日轉為紅燈" in notice.body
    # Five courses: the four overdue ones and the one that turns the light.
    assert len(notice.refs) == 5


def test_another_countys_units_and_units_that_stay_green_are_left_out_of_the_warning() -> None:
    officer = make_officer()
    here, far, calm = nearly_red(officer.unit.county), nearly_red(make_county("花蓮縣")), make_account()
    make_course(calm, ago=40)
    told = reminders.warn(by=acting(officer), unit_ids=[h.unit_id for h in (here, far, calm)])
    assert told.told == 1 and Notice.objects.get().recipient == here.user
    assert reminders.warn(by=acting(make_operator()), unit_ids=[far.unit_id]).told == 1


def test_a_unit_lead_warns_nobody() -> None:
    handler = nearly_red()
    with pytest.raises(OnlyOversight):
        reminders.warn(by=acting(make_lead(handler.unit)), unit_ids=[handler.unit_id])


def test_many_units_are_warned_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courses.jobs.UNITS_AT_ONCE", 1)
    officer = make_officer()
    for _ in range(2):
        nearly_red(officer.unit.county)
    client = Client()
    client.force_login(officer.user)
    answer = client.post(reverse("courses:forecast_notify"), {"all": "1"})
    assert answer.url.startswith("/jobs/")
    job_id = int(answer.url.strip("/").split("/")[-1])
    runner.run(job_id)
    assert Notice.objects.filter(kind="please_close").count() == 2


def test_nobody_turns_red() -> None:
    client = Client()
    client.force_login(make_operator().user)
    page = client.get(reverse("courses:forecast")).content.decode()
    assert "14 天內沒有單位將轉為紅燈" in page and "今年沒有單位會轉為紅燈" in page
    answer = client.post(reverse("courses:forecast_notify"), {}, follow=True)
    assert "請先勾選" in answer.content.decode()


def test_the_list_can_be_taken_along() -> None:
    officer = make_officer()
    handler = nearly_red(officer.unit.county)
    client = Client()
    client.force_login(officer.user)
    body = b"".join(client.get(reverse("courses:forecast"), {"download": "csv"})).decode("utf-8-sig")
    assert "轉為紅燈日期" in body and handler.unit.name in body and "2026/12/04" in body


@pytest.mark.parametrize("route", ["courses:forecast", "courses:county"])
def test_the_forecast_takes_as_many_queries_for_one_unit_as_for_twenty(route: str) -> None:
    officer = make_officer()
    client = Client()
    client.force_login(officer.user)
    asked = []
    for number in (1, 19):
        for _ in range(number):
            nearly_red(officer.unit.county)
        client.get(reverse(route))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(route))
        asked.append(len(queries))
    assert asked[0] == asked[1]
