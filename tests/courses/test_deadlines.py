"""A course's deadline: one rule, the same as a day and as a condition, and kept where it was announced."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from courses.actions import policies
from courses.models import Course, YearlyPolicy
from courses.models.policy import policy_of
from courses.models.querysets import first_lit_day
from courses.queries import unit_outlook
from courses.queries.lights import overdue_now
from kit import clock
from tests.factories import acting, make_account, make_course, make_operator

pytestmark = pytest.mark.django_db
NOON = timedelta(hours=12)


def change(day: date, year: int = 115, **values: Any) -> None:
    """The operator writes the next version of a year's policy at noon of a day."""
    with time_machine.travel(clock.at_taipei(day) + NOON):
        policies.change(
            year=year,
            by=acting(make_operator()),
            values=values,
            reason="測試",
            version=YearlyPolicy.objects.in_force(year).version,
        )


@pytest.mark.parametrize("earlier_years", [False, True])
def test_the_deadline_as_a_day_and_as_a_condition_are_the_same(earlier_years: bool) -> None:
    dice, handler = random.Random(7), make_account()
    change(date(2026, 2, 10), closing_days=10)
    change(date(2026, 5, 1), closing_days=60, count_earlier_years=earlier_years)
    change(date(2026, 6, 20), closing_days=20)
    change(date(2026, 3, 5), year=114, final_deadline=date(2026, 8, 1))
    change(date(2026, 3, 9), year=114, final_deadline=date(2026, 4, 20))
    for _ in range(80):
        make_course(handler, day=date(2024, 11, 1) + timedelta(days=dice.randint(0, 750)))
    found, rules = list(Course.objects.all()), YearlyPolicy.objects.current()
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 365, 9)):
        overdue = {c.pk for c in found if day > policy_of(rules, c.year or 0).due_on(c.ends_on or day)}
        assert set(Course.objects.overdue(day).values_list("pk", flat=True)) == overdue
        firsts = {c.pk: first_lit_day(115, rules, c.year, c.ends_on) for c in found}
        lit = {pk for pk, first in firsts.items() if first and first <= day}
        assert set(Course.objects.lighting(115, day).values_list("pk", flat=True)) == lit


def test_a_shorter_closing_period_spares_the_courses_that_are_over() -> None:
    handler = make_account()
    make_course(handler, ago=20)
    later = make_course(handler, ago=-2)
    change(clock.today(), closing_days=10)
    assert overdue_now(handler.unit_id) == 0
    due = YearlyPolicy.objects.in_force(115).due_on
    assert due(clock.today() - timedelta(days=20)) == clock.today() + timedelta(days=10)
    assert later.ends_on and due(later.ends_on) == later.ends_on + timedelta(days=10)
    assert overdue_now(handler.unit_id, clock.now() + timedelta(days=11)) == 1


def test_a_longer_closing_period_reaches_every_course() -> None:
    handler = make_account()
    make_course(handler, ago=40)
    assert overdue_now(handler.unit_id) == 1
    change(clock.today(), closing_days=60)
    assert overdue_now(handler.unit_id) == 0


def test_a_slip_of_the_policy_that_is_put_right_leaves_no_trace() -> None:
    handler = make_account()
    make_course(handler, ago=40)
    change(clock.today(), closing_days=300)
    change(clock.today(), closing_days=30)
    assert overdue_now(handler.unit_id) == 1


def outlook_on(unit_id: int, day: date) -> unit_outlook.Outlook:
    rules = YearlyPolicy.objects.current()
    year = clock.roc_year(day)
    return unit_outlook.outlook(unit_outlook.unclosed(unit_id, year, day, rules), year, day, rules)


def test_the_desk_foretells_no_red_light_beyond_the_year() -> None:
    handler, today = make_account(), date(2026, 12, 20)
    for number in range(5):
        make_course(handler, day=date(2026, 12, 10 + number))
    found = outlook_on(handler.unit_id, today)
    assert (found.red_on, found.next_due) == (None, date(2027, 1, 9))


def test_the_desk_foretells_a_red_light_on_the_last_day_of_the_year() -> None:
    handler = make_account()
    for _ in range(5):
        make_course(handler, day=date(2026, 11, 30))
    assert outlook_on(handler.unit_id, date(2026, 12, 20)).red_on == date(2026, 12, 31)
    assert overdue_now(handler.unit_id, clock.at_taipei(date(2026, 12, 31)) + NOON) == 5
