"""What would turn a unit's light: every sentence of the clerk's home, and that the clock proves it right."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.template.loader import render_to_string
from django.utils import translation

from courses.models import YearlyPolicy
from courses.queries import unit_outlook
from courses.queries.lights import overdue_now, registration_is_open
from kit import clock
from tests.factories import close, make_account, make_course, make_enrolment, overdue_courses

pytestmark = pytest.mark.django_db


def outlook_of(unit_id: int) -> unit_outlook.Outlook:
    year, day, policies = clock.this_year(), clock.today(), YearlyPolicy.objects.current()
    return unit_outlook.outlook(unit_outlook.unclosed(unit_id, year, day, policies), year, day, policies)


def said(unit_id: int, language: str = "zh-hant") -> str:
    with translation.override(language):
        html = render_to_string("components/outlook.html", {"outlook": outlook_of(unit_id)})
    return " ".join(html.split())


@pytest.mark.parametrize(
    ("overdue", "sentences", "absent"),
    [
        (0, ["再有 5 門逾期即轉為紅燈", "0 / 5"], ["恢復"]),
        (1, ["再有 4 門逾期即轉為紅燈", "將 1 門逾期課程結案，即恢復綠燈", "1 / 5"], ["課程登錄功能已關閉"]),
        (4, ["再有 1 門逾期即轉為紅燈", "將 4 門逾期課程結案，即恢復綠燈"], ["課程登錄功能已關閉"]),
        (5, ["課程登錄功能已關閉", "再將 1 門逾期課程結案，即可立即恢復課程登錄"], ["即轉為紅燈"]),
        (7, ["再將 3 門逾期課程結案，即可立即恢復課程登錄", "將 7 門逾期課程結案，即恢復綠燈", "7 / 5"], []),
    ],
)
def test_what_would_turn_the_light(overdue: int, sentences: list[str], absent: list[str]) -> None:
    handler = make_account()
    overdue_courses(handler, overdue)
    page = said(handler.unit_id)
    assert [sentence for sentence in sentences if sentence not in page] == []
    assert [sentence for sentence in absent if sentence in page] == []


def test_the_same_in_english() -> None:
    handler = make_account()
    overdue_courses(handler, 5)
    assert "Close 1 more overdue course to get it back at once." in said(handler.unit_id, "en")
    overdue_courses(handler, 1)
    assert "Close 2 more overdue courses to get it back at once." in said(handler.unit_id, "en")


def test_closing_as_many_as_it_says_opens_registration_and_one_less_does_not() -> None:
    handler = make_account()
    courses = overdue_courses(handler, 7)
    promised = outlook_of(handler.unit_id).to_open
    for course in courses[: promised - 1]:
        close(course)
    assert not registration_is_open(handler.unit_id)
    close(courses[promised - 1])
    assert registration_is_open(handler.unit_id)


def test_the_next_course_falls_due_on_its_last_day_on_time() -> None:
    handler = make_account()
    make_course(handler, day=date(2026, 11, 8))
    make_course(handler, day=date(2026, 11, 20))
    assert "下一門課程的結案期限為 115年12月8日" in said(handler.unit_id)
    with time_machine.travel(clock.at_taipei(date(2026, 12, 8))):
        assert overdue_now(handler.unit_id) == 0
    with time_machine.travel(clock.at_taipei(date(2026, 12, 9))):
        assert overdue_now(handler.unit_id) == 1


def test_the_day_on_which_the_light_turns_red_is_the_day_on_which_it_does() -> None:
    handler = make_account()
    overdue_courses(handler, 3)
    for ago in (20, 10, 4):
        make_course(handler, ago=ago)
    red_on = outlook_of(handler.unit_id).red_on
    assert red_on == clock.today() + timedelta(days=21)
    assert "將於 115年12月15日 轉為紅燈" in said(handler.unit_id)
    with time_machine.travel(clock.at_taipei(red_on - timedelta(days=1))):
        assert registration_is_open(handler.unit_id)
    with time_machine.travel(clock.at_taipei(red_on)):
        assert not registration_is_open(handler.unit_id)


def test_no_day_is_named_when_too_few_courses_could_turn_it() -> None:
    handler = make_account()
    make_course(handler, ago=3)
    assert outlook_of(handler.unit_id).red_on is None
    assert "將於" not in said(handler.unit_id)


def test_last_years_courses_turn_the_light_only_where_the_policy_counts_them() -> None:
    handler = make_account()
    make_course(handler, day=date(2025, 12, 20))
    with time_machine.travel(clock.at_taipei(date(2026, 3, 1))):
        assert outlook_of(handler.unit_id).next_due is None
        YearlyPolicy.objects.create(year=115, count_earlier_years=True)
        assert outlook_of(handler.unit_id).next_due == date(2026, 3, 31)
    with time_machine.travel(clock.at_taipei(date(2026, 4, 1))):
        assert outlook_of(handler.unit_id).overdue == overdue_now(handler.unit_id) == 1


def test_the_outlook_counts_what_the_gate_counts_by_the_policy_of_the_year() -> None:
    YearlyPolicy.objects.create(year=115, closing_days=10, unit_red_at=3, unit_yellow_at=2)
    handler = make_account()
    for ago in (5, 11, 12, 200):
        make_course(handler, ago=ago)
    found = outlook_of(handler.unit_id)
    assert found.overdue == overdue_now(handler.unit_id) == 3
    assert (found.colour, found.is_open, found.to_open) == ("red", registration_is_open(handler.unit_id), 1)
    assert found.dots == [True, True, True]


def test_many_dots_are_only_said() -> None:
    assert unit_outlook.Outlook(3, YearlyPolicy(year=115, unit_red_at=40)).dots == []


def test_people_and_applicants_are_counted_in_the_same_query(django_assert_num_queries: Any) -> None:
    handler = make_account()
    course = make_course(handler, ago=3)
    for state in ("admitted", "admitted", "applied", "waitlisted", "cancelled"):
        make_enrolment(course, state=state)
    make_course(handler)
    with django_assert_num_queries(1):
        rows = list(unit_outlook.unclosed(handler.unit_id, 115, clock.today(), {}))
    assert [(row.people, row.applied, bool(row.lit)) for row in rows] == [(2, 1, False), (0, 0, False)]
