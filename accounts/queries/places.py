"""How long a person serves at a unit."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from accounts.models import Affiliation


def last_day_at(user_id: int, unit_id: int) -> date | None:
    """Return the last day of a person's service at a unit; None when no end is known, or there was never a place."""
    return last_days([user_id], [unit_id]).get((user_id, unit_id))


def last_days(user_ids: Collection[int], unit_ids: Collection[int]) -> dict[tuple[int, int], date]:
    """Return the last day of service by person and unit, where one is known, in one query."""
    rows = Affiliation.objects.filter(user_id__in=user_ids, unit_id__in=unit_ids)
    found: dict[tuple[int, int], date | None] = {}
    for user_id, unit_id, until in rows.order_by().values_list("user_id", "unit_id", "until"):
        known = found.get((user_id, unit_id), date.min)
        found[user_id, unit_id] = None if until is None or known is None else max(until, known)
    return {pair: last for pair, last in found.items() if last is not None}


def free_days(
    since: date, until: date | None, places: Iterable[Affiliation]
) -> list[tuple[date, date | None]]:
    """Return the days from `since` to `until` (None: without an end) that none of the places covers, as first and last days."""
    found: list[tuple[date, date | None]] = []
    start = since
    for place in sorted(places, key=lambda place: place.since or date.min):
        if not place.shares_days(start, until):
            continue
        if place.since and place.since > start:
            found.append((start, place.since - timedelta(days=1)))
        if place.until is None or place.until == date.max:
            return found
        start = place.until + timedelta(days=1)
    return [*found, (start, until)] if until is None or start <= until else found
