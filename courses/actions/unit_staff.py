"""The people who serve at a unit that is merged or split go on at a successor."""

from collections.abc import Sequence
from datetime import date, timedelta

from accounts.acting import Actor
from accounts.actions import mass_places
from accounts.actions.places import PlaceFacts
from accounts.models import Affiliation, Unit
from accounts.queries.places import free_days

# What goes along to the new place; the order is the unit's own.
PLACE_FIELDS = ("title", "post", "rank", "is_substitute", "is_concurrent")


def move(moves: Sequence[tuple[Affiliation, Unit]], *, last_day: date, by: Actor) -> int:
    """End places after their unit's last day and let each go on at its successor; return how many people move.

    Their people are locked. Who serves at the successor already gets a place for the other days only.
    """
    first = last_day + timedelta(days=1)
    there = _places_at({to.pk for _place, to in moves}, {place.user_id for place, _to in moves})
    ended: list[tuple[Affiliation, PlaceFacts]] = []
    fresh: list[Affiliation] = []
    for place, to in moves:
        former = PlaceFacts.of(place)
        since = max(first, place.since or first)
        place.until = max(last_day, place.since or last_day)
        ended.append((place, former))
        known = there.get((place.user_id, to.pk), [])
        kept = {name: getattr(place, name) for name in PLACE_FIELDS}
        fresh += [
            Affiliation(user=place.user, unit=to, since=start, until=end, **kept)
            for start, end in free_days(since, former.until, known)
        ]
    mass_places.end(ended, by=by)
    mass_places.add(fresh, new_people=(), by=by, notify=True)
    return len({place.user_id for place, _to in moves})


def _places_at(unit_ids: set[int], user_ids: set[int]) -> dict[tuple[int, int], list[Affiliation]]:
    found: dict[tuple[int, int], list[Affiliation]] = {}
    for row in Affiliation.objects.filter(unit_id__in=unit_ids, user_id__in=user_ids):
        found.setdefault((row.user_id, row.unit_id), []).append(row)
    return found
