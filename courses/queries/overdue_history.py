"""The history of overdue courses: their number on any day of a year, and how long units take to close.

Nothing is stored for this. Registration, closing and withdrawal have their times, so the count of any past day is recomputed
from the courses, by the policy in force now.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate

from courses.enums import CourseState
from courses.models import Course, YearlyPolicy
from courses.models.policy import policy_of
from courses.models.querysets import first_lit_day
from kit import clock


@dataclass(frozen=True)
class Span:
    """A course lights its unit from `first` on and no more from `until` on (none: to this day)."""

    unit_id: int
    first: date
    until: date | None = None


def overdue_spans(year: int, scope: Q, policies: Mapping[int, YearlyPolicy]) -> list[Span]:
    """When courses of a scope lit their units in a ROC year: one query, which fetches the late ones only."""
    policy = policy_of(policies, year)
    late = Q(year=year) & (
        Q(state=CourseState.REGISTERED, postponed_at=None) | policy.deadlines.left_overdue_q()
    )
    if policy.count_earlier_years:
        newyear = clock.at_taipei(clock.year_bounds(year)[0])
        still = (
            Q(state=CourseState.REGISTERED, postponed_at=None)
            | Q(closed_at__gte=newyear)
            | Q(withdrawn_at__gte=newyear)
        )
        late |= Q(year__lt=year) & still
    ended = [CourseState.REGISTERED, CourseState.CLOSED, CourseState.WITHDRAWN]
    rows = Course.objects.filter(scope, late, state__in=ended, year__isnull=False).order_by()
    facts: Iterable[Any] = rows.values_list(
        "unit_id", "year", "ends_on", "registered_at", "closed_at", "withdrawn_at"
    )
    spans = (_span(year, policies, *row) for row in facts)
    return [span for span in spans if span and (span.until is None or span.until > span.first)]


def _span(
    year: int,
    policies: Mapping[int, YearlyPolicy],
    unit_id: int,
    own_year: int,
    ends_on: date,
    registered_at: datetime | None,
    closed_at: datetime | None,
    withdrawn_at: datetime | None,
) -> Span | None:
    """From the first day on which the course lights its unit, or its registration, to its end."""
    first = first_lit_day(year, policies, own_year, ends_on)
    if first is None:
        return None
    if registered_at is not None:
        first = max(first, clock.day_of(registered_at))
    left = closed_at or withdrawn_at
    return Span(unit_id, first, clock.day_of(left) if left else None)


def weeks(year: int, today: date) -> list[date]:
    """The first day of a ROC year, each seventh day after it, and its last day or today."""
    first, last = clock.year_bounds(year)
    last = min(last, today)
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 7)]
    return days if not days or days[-1] == last else [*days, last]


def overdue_on(days: Sequence[date], spans: Iterable[Span]) -> list[int]:
    """How many courses light on each of the days, at its end."""
    rows = list(spans)
    return [sum(_covers(span, day) for span in rows) for day in days]


def units_from(limit: int, days: Sequence[date], spans: Iterable[Span]) -> list[int]:
    """How many units have at least `limit` such courses on each of the days."""
    rows, found = list(spans), []
    for day in days:
        lit = Counter(span.unit_id for span in rows if _covers(span, day))
        found.append(sum(count >= limit for count in lit.values()))
    return found


def _covers(span: Span, day: date) -> bool:
    return span.first <= day and (span.until is None or day < span.until)


@dataclass(frozen=True)
class Speed:
    """Days from the end of a course to its closing: how many courses took how many days."""

    by_days: Mapping[int, int]

    @property
    def courses(self) -> int:
        return sum(self.by_days.values())

    @property
    def median(self) -> float | None:
        """Half of the courses took at most so many days; the middle of two for an even number."""
        if not self.courses:
            return None
        lower, upper = (self.courses - 1) // 2, self.courses // 2
        return (self._at(lower) + self._at(upper)) / 2

    def _at(self, place: int) -> int:
        """Return the days of the course at this place, from 0, in ascending order."""
        ascending = sorted(self.by_days)
        reached = list(accumulate(self.by_days[days] for days in ascending))
        return ascending[bisect_right(reached, place)]

    def between(self, first: int, last: int | None) -> int:
        """How many took from `first` to `last` days; without `last`, `first` or more."""
        return sum(n for days, n in self.by_days.items() if days >= first and (last is None or days <= last))

    def share(self, first: int, last: int | None) -> float:
        """The same in per cent."""
        return 100 * self.between(first, last) / self.courses if self.courses else 0.0


def closing_speed(year: int, scope: Q, inner: Q) -> tuple[Speed, Speed]:
    """Of the closed courses of a ROC year: all of a scope, and the inner ones among them. One grouped query."""
    took = ExpressionWrapper(
        TruncDate("closed_at", tzinfo=clock.TAIPEI) - F("ends_on"), output_field=DurationField()
    )
    rows = (
        Course.objects.filter(scope, state=CourseState.CLOSED, year=year)
        .annotate(took=took)
        .order_by()
        .values_list("took")
        .annotate(everybody=Count("pk"), some=Count("pk", filter=inner))
    )
    found = [(max(span.days, 0), everybody, some) for span, everybody, some in rows]
    return _speed((days, n) for days, n, _ in found), _speed((days, n) for days, _, n in found)


def _speed(pairs: Iterable[tuple[int, int]]) -> Speed:
    by_days: Counter[int] = Counter()
    for days, number in pairs:
        by_days[days] += number
    return Speed({days: number for days, number in by_days.items() if number})
