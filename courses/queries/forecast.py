"""預測: which units turn red, and on which day, if nobody acts. The definition is that of the light (`lighting_q` and its twin `first_lit_day`)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet

from accounts.models import Unit
from courses.models import Course, YearlyPolicy
from courses.models.lookups import AnyOf
from courses.models.policy import policy_of
from courses.models.querysets import CourseQuerySet, first_lit_day, lighting_q
from kit import clock

# The county is shown the units that turn red within so many days, and may have just these notified.
WINDOW = timedelta(days=14)


@dataclass(frozen=True)
class RedAhead:
    """A unit that turns red on `red_on` if nobody acts. `overdue` counts now; `due` are its courses to close that would light it by then."""

    unit: Unit
    red_on: date
    overdue: int
    due: int


def window_end(day: date) -> date:
    """Return the last day of the county's list: a light is that of a year, so it ends with the year."""
    return min(day + WINDOW, clock.year_bounds(clock.roc_year(day))[1])


def turning_red(
    day: date, until: date, policies: Mapping[int, YearlyPolicy], units: QuerySet[Unit] | None = None
) -> QuerySet[Course, Any]:
    """Return a row for each unit that is not red on a Taipei day and is red on a later day of the same year if nobody acts."""
    year = clock.roc_year(day)
    limit = policy_of(policies, year).unit_red_at
    return (
        _of(units)
        .unclosed()
        .order_by()
        .values("unit_id")
        .annotate(
            lit=Count("unit_id", filter=lighting_q(year, day, policies)),
            lit_then=Count("unit_id", filter=lighting_q(year, until, policies)),
        )
        .filter(lit__lt=limit, lit_then__gte=limit)
    )


def _of(units: QuerySet[Unit] | None) -> CourseQuerySet:
    """Return the courses of the units, or of all when None."""
    rows: CourseQuerySet = Course.objects.all()
    return rows if units is None else rows.filter(AnyOf(F("unit_id"), units))


def units_of(county_id: int | None) -> QuerySet[Unit] | None:
    """Return the units of a county; None for those of all."""
    return None if county_id is None else Unit.objects.filter(county=county_id)


def red_days(day: date, until: date, units: QuerySet[Unit] | None) -> dict[int, tuple[date, int]]:
    """Return for each unit that turns red after `day`, at the latest on `until`, the day and how many courses light it now.

    Two queries, however many units.
    """
    policies, year = YearlyPolicy.objects.current(), clock.roc_year(day)
    lit = {row["unit_id"]: row["lit"] for row in turning_red(day, until, policies, units)}
    ahead: dict[int, list[date]] = {}
    unclosed = Course.objects.unclosed().filter(AnyOf(F("unit_id"), list(lit)))
    ends = unclosed.order_by().values_list("unit_id", "year", "ends_on").annotate(n=Count("pk"))
    for unit_id, own_year, ends_on, number in ends:
        first = first_lit_day(year, policies, own_year, ends_on)
        if first is not None and day < first <= until:
            ahead.setdefault(unit_id, []).extend([first] * number)
    limit = policy_of(policies, year).unit_red_at
    return {unit_id: (sorted(ahead[unit_id])[limit - now - 1], now) for unit_id, now in lit.items()}


def causes(day: date, until: date, unit_ids: Collection[int]) -> CourseQuerySet:
    """Return the courses of units that light them on `until` if they stay unclosed."""
    return Course.objects.filter(AnyOf(F("unit_id"), list(unit_ids))).lighting(clock.roc_year(day), until)


def ahead_of(county_id: int | None, day: date) -> list[RedAhead]:
    """Return the units of a county (of all when None) that turn red in the window, the next ones first: four queries."""
    until = window_end(day)
    days = red_days(day, until, units_of(county_id))
    due = causes(day, until, list(days)).closable().order_by().values_list("unit_id")
    counted = dict(due.annotate(n=Count("pk")))
    units = Unit.objects.select_related("county").in_bulk(list(days))
    rows = [RedAhead(units[pk], red_on, lit, counted.get(pk, 0)) for pk, (red_on, lit) in days.items()]
    return sorted(rows, key=lambda row: (row.red_on, -row.overdue, row.unit.code, row.unit.level))


def number_ahead(county_id: int, day: date) -> int:
    """Return how many units of a county turn red in the window."""
    return turning_red(day, window_end(day), YearlyPolicy.objects.current(), units_of(county_id)).count()


def red_now(county_id: int | None, day: date) -> int:
    """Return how many units of a county (of all when None) are red on a day, counted anew."""
    policies, year = YearlyPolicy.objects.current(), clock.roc_year(day)
    rows = _of(units_of(county_id)).lighting(year, day).order_by().values("unit_id")
    return rows.annotate(n=Count("pk")).filter(n__gte=policy_of(policies, year).unit_red_at).count()
