"""The clock's overviews to county officers: units by need on the first of the month, last year's rest weekly until its deadline."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts.models import BusinessAccount
from accounts.unit_pages import unit_page
from courses.actions import overviews
from courses.models import YearlyPolicy
from courses.queries import overview_facts as facts
from courses.queries.lights import rest_is_due
from kit import clock
from notices import outbox, outdated
from notices.timed import Batch

MONTH, REST = "county_month", "county_rest"


def is_month_day(day: date) -> bool:
    """Return whether a day is the first working day of its month, in the country or any county."""
    return facts.begins_anywhere(facts.begins_month, day)


def is_rest_day(day: date) -> bool:
    """Return whether a day is the first working day of its week somewhere, from January to last year's final deadline."""
    return facts.begins_anywhere(facts.begins_week, day) and rest_is_due(clock.roc_year(day), day)


def month_batch(day: date, cursor: int) -> Batch:
    """Return the monthly overview of every county that has something overdue."""
    year = clock.roc_year(day)
    lights, late = facts.lights_by_county(year), facts.long_overdue_by_county(day)
    return Batch(
        [
            _notice(MONTH, "courses:county", officer, day, _month(year, lights[county], late.get(county, 0)))
            for officer in facts.officers(day)
            if (county := officer.unit.county_id) in lights and facts.begins_month(day, county)
        ]
    )


def _month(year: int, lights: Sequence[Any], late: int) -> Mapping[str, Any]:
    return {
        "year": year,
        "units": tuple(
            (light.unit.name, light.get_colour_display(), light.overdue) for light in lights[: facts.NAMED]
        ),
        "number": len(lights),
        "more": max(len(lights) - facts.NAMED, 0),
        "late": late,
    }


def rest_batch(day: date, cursor: int) -> Batch:
    """Return the weekly overview of last year's unclosed courses of every county that has any."""
    year = clock.roc_year(day) - 1
    rest = facts.rest_by_county(year, day)
    deadline = YearlyPolicy.objects.in_force(year).announced_last_day
    return Batch(
        [
            _notice(REST, "courses:year_end", officer, day, _rest(year, deadline, rest[county]))
            for officer in facts.officers(day)
            if (county := officer.unit.county_id) in rest and facts.begins_week(day, county)
        ]
    )


def _rest(year: int, deadline: date, rows: Sequence[tuple[str, int]]) -> Mapping[str, Any]:
    return {
        "year": year,
        "deadline": deadline,
        "units": tuple(rows[: facts.NAMED]),
        "courses": sum(number for _, number in rows),
        "more": max(len(rows) - facts.NAMED, 0),
    }


def _notice(
    kind: str, route: str, officer: BusinessAccount, day: date, context: Mapping[str, Any]
) -> outbox.NewNotice:
    county = officer.unit.county
    return outbox.NewNotice(
        kind=kind,
        to=officer.user,
        about=f"county:{officer.unit.county_id}",
        day=day,
        refs=[f"account:{officer.pk}"],
        path=unit_page(route, officer.unit_id),
        context={**context, "county": county.name if county else ""},
    )


outdated.recheck(MONTH)(overviews.is_of_today)
outdated.recheck(REST)(overviews.is_of_today)
