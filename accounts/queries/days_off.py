"""Days off beside the national calendar: for the calendar itself (`kit.holidays`), and for the pages."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet

from accounts.acting import Actor
from accounts.models import Affiliation, DayOff
from kit import clock, request_memo
from kit.code_version import keyed
from kit.holidays import DAY, DayKind, by_county, workday_from
from notices.quiet_hours import FIRST_HOUR

KEY, SECONDS = "accounts:days-off", 60
Known = dict[tuple[date, int | None], DayKind]


def known_days() -> Known:
    """Return what is added for a day and a county (None: the country): once in a request or a batch of notices, from the cache."""
    return request_memo.once(KEY, _cached_days)


def _cached_days() -> Known:
    found: Known | None = cache.get(keyed(KEY))
    if found is None:
        rows = DayOff.objects.filter(ended_at=None)
        found = {(row.day, row.county_id): DayKind(row.name, row.is_workday) for row in rows}
        cache.set(keyed(KEY), found, SECONDS)
    return found


def forget_days() -> None:
    """Read the days from the database again, after one has changed."""
    cache.delete(keyed(KEY))
    request_memo.forget(KEY)


def added_kind(day: date, county: int | None) -> DayKind | None:
    """Return what is added for a day: by the county, else for the country; None when nothing is."""
    known = known_days()
    return known.get((day, county)) or known.get((day, None))


def counties_apart(since: date, until: date) -> set[int]:
    """Return the counties that added days between two days."""
    return {county for day, county in known_days() if county and since <= day <= until}


def where(holds: Callable[[int | None], bool], since: date, until: date) -> Q:
    """Return the condition of the rows in whose `county` something `holds`, as `kit.holidays.by_county`.

    Rows without a county follow the country.
    """
    country, others = by_county(holds, since, until)
    apart = Q(county__in=list(others))
    return ~apart if country else apart


def resting(people: Collection[int], day: date) -> dict[int, datetime]:
    """Return those of the people whose county added a day off on a day, with the morning on which it works again.

    A person who also serves in a county that works is not among them. No query on a day that no county added.
    """
    off = {
        county for (on, county), kind in known_days().items() if on == day and county and not kind.is_workday
    }
    if not off:
        return {}
    places = Affiliation.objects.serving(day).filter(user__in=list(people))
    counties: dict[int, set[int | None]] = {}
    for person, county in places.values_list("user_id", "unit__county_id"):
        counties.setdefault(person, set()).add(county)
    mornings = {county: clock.at_taipei(workday_from(day + DAY, county), time(FIRST_HOUR)) for county in off}
    return {
        person: min(mornings[county] for county in found if county)
        for person, found in counties.items()
        if found <= off
    }


def managed_by(by: Actor) -> "QuerySet[DayOff, Any]":
    """Return the days of the country and those that a hat keeps: all of them, or the own county's."""
    rows = DayOff.objects.select_related("county", "added_by__user").order_by("-day", "-id")
    if by.is_operator_hat:
        return rows
    return rows.filter(Q(county=None) | Q(county=by.county)) if by.is_county_hat else rows.none()
