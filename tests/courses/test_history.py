"""Light history is counted anew from the courses; on every day it must equal what the light would have counted then."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q

from accounts.models import BusinessAccount
from courses.models import Course, YearlyPolicy
from courses.queries import overdue_history
from kit import clock
from tests.factories import make_account, make_course

pytestmark = pytest.mark.django_db
YEAR = 115
FIRST, LAST = clock.year_bounds(YEAR)


def noon(day: date) -> Any:
    return clock.at_taipei(day) + timedelta(hours=12)


def random_courses(handlers: list[BusinessAccount], dice: random.Random, number: int) -> None:
    """Courses of two years, registered before or after they ended, some closed, some withdrawn, early, late or never."""
    for _ in range(number):
        held = FIRST + timedelta(days=dice.randint(-200, 327))
        handler = dice.choice(handlers)
        registered = noon(held + timedelta(days=dice.randint(-30, 45)))
        course = make_course(handler, day=held, registered_at=registered)
        left = max(noon(held + timedelta(days=dice.randint(0, 160))), registered)
        fate = dice.choice(["open", "closed", "closed", "withdrawn"]) if left < clock.now() else "open"
        facts: dict[str, Any] = {"state": "registered"}
        if fate == "closed":
            facts = {"state": "closed", "closed_at": left}
        elif fate == "withdrawn":
            facts = {
                "state": "withdrawn",
                "withdrawn_at": left,
                "withdrawn_by": handler.user,
                "withdrawal_reason": "not_held",
            }
        Course.objects.filter(pk=course.pk).update(**facts)


@contextmanager
def at_the_end_of(day: date) -> Iterator[None]:
    """The courses in their state at the end of a day; rolled back afterwards."""
    with transaction.atomic():
        end = clock.end_of_day(day)
        late = Q(closed_at__gte=end) | Q(withdrawn_at__gte=end)
        Course.objects.filter(late).update(
            state="registered", closed_at=None, withdrawn_at=None, withdrawn_by=None, withdrawal_reason=""
        )
        # What was not registered yet was a draft.
        Course.objects.filter(registered_at__gte=end).update(state="draft", closed_at=None, withdrawn_at=None)
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"closing_days": 10, "count_earlier_years": True},
        {"closing_days": 366, "count_earlier_years": True},
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_recount_equals_the_light_of_every_seventh_day(policy: dict[str, Any], seed: int) -> None:
    if policy:
        YearlyPolicy.objects.create(year=YEAR, **policy)
    handlers = [make_account(), make_account()]
    random_courses(handlers, random.Random(seed), 60)
    unit = handlers[0].unit_id
    days = overdue_history.weeks(YEAR, clock.today())
    spans = overdue_history.overdue_spans(YEAR, Q(unit=unit), YearlyPolicy.objects.current())
    truth = []
    for day in days:
        with at_the_end_of(day):
            truth.append(Course.objects.of_unit(unit).lighting(YEAR, day).count())
    assert overdue_history.overdue_on(days, spans) == truth
    assert max(truth) > 2  # The dice gave something to count.


def test_the_recount_takes_one_query_however_many_courses(django_assert_num_queries: Any) -> None:
    handler = make_account()
    for number in (1, 30):
        for ago in range(40, 40 + number):
            make_course(handler, ago=ago, registered_at=noon(date(2026, 6, 1)))
        with django_assert_num_queries(1):
            overdue_history.overdue_spans(YEAR, Q(unit=handler.unit_id), {})


def test_a_course_closed_on_its_last_day_never_lights_and_one_closed_a_day_later_lights_for_no_day() -> None:
    handler = make_account()
    for days in (30, 31, 32):
        course = make_course(handler, day=date(2026, 6, 1), registered_at=noon(date(2026, 5, 1)))
        closed = noon(date(2026, 6, 1) + timedelta(days=days))
        Course.objects.filter(pk=course.pk).update(state="closed", closed_at=closed)
    spans = overdue_history.overdue_spans(YEAR, Q(unit=handler.unit_id), {})
    assert [(span.first, span.until) for span in spans] == [(date(2026, 7, 2), date(2026, 7, 3))]


def test_units_are_red_from_the_limit_on() -> None:
    spans = [overdue_history.Span(1, date(2026, 3, 1))] * 5 + [
        overdue_history.Span(2, date(2026, 3, 1), date(2026, 3, 8))
    ] * 5
    assert overdue_history.units_from(5, [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 8)], spans) == [
        0,
        2,
        1,
    ]


def test_weeks_end_with_today_or_with_the_year_and_a_year_to_come_has_none() -> None:
    assert overdue_history.weeks(115, date(2026, 1, 10)) == [
        date(2026, 1, 1),
        date(2026, 1, 8),
        date(2026, 1, 10),
    ]
    assert overdue_history.weeks(115, date(2027, 5, 5))[-1] == LAST
    assert overdue_history.weeks(115, FIRST) == [FIRST]
    assert overdue_history.weeks(116, FIRST) == []


def test_closing_speed_of_the_unit_and_of_the_county_in_one_query(django_assert_num_queries: Any) -> None:
    dice = random.Random(3)
    mine, other = make_account(), make_account()
    took: dict[int, list[int]] = {mine.unit_id: [], other.unit_id: []}
    for _ in range(41):
        handler, days = dice.choice([mine, other]), dice.randint(0, 70)
        course = make_course(handler, day=date(2026, 5, 20))
        Course.objects.filter(pk=course.pk).update(
            state="closed", closed_at=noon(date(2026, 5, 20) + timedelta(days=days))
        )
        took[handler.unit_id].append(days)
    with django_assert_num_queries(1):
        county, unit = overdue_history.closing_speed(
            YEAR, Q(unit__county=mine.unit.county), Q(unit=mine.unit_id)
        )
    everything = sum(took.values(), [])
    assert (county.median, unit.median) == (median(everything), median(took[mine.unit_id]))
    assert county.between(8, 30) == sum(8 <= n <= 30 for n in everything)
    assert county.between(61, None) == sum(n > 60 for n in everything)
    assert unit.share(0, None) == 100


def test_closing_speed_of_nothing_has_no_median() -> None:
    speed, _ = overdue_history.closing_speed(YEAR, Q(), Q())
    assert (speed.courses, speed.median, speed.share(0, 7)) == (0, None, 0.0)


def test_days_to_close_change_at_midnight_in_taipei() -> None:
    course = make_course(day=date(2026, 5, 20))
    Course.objects.filter(pk=course.pk).update(state="closed", closed_at=clock.end_of_day(date(2026, 5, 21)))
    speed, _ = overdue_history.closing_speed(YEAR, Q(), Q())
    assert speed.by_days == {2: 1}
