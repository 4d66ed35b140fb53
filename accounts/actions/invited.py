"""Invite people who have been entered, one or a whole file, to log in for the first time."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.acting import Actor
from accounts.change_signals import people_invited
from accounts.models import Affiliation, Unit, User
from kit.batches import batches

AT_ONCE = 500


def invite(pairs: Sequence[tuple[int, int]], *, by: Actor | None) -> int:
    """Invite people, each with the unit that the mail names, by primary keys; return how many mails were written.

    Nobody is invited who logs in by the county's education log-in. The caller has checked the rights and holds the transaction.
    """
    units = Unit.objects.select_related("county").in_bulk({unit_id for _person_id, unit_id in pairs})
    return sum(_send(piece, units, by) for piece in batches(pairs, AT_ONCE))


def with_first_unit(people: Iterable[User], places: Sequence[Affiliation]) -> list[tuple[int, int]]:
    """Return the people, each with the unit of the first of their places, by primary keys."""
    wanted = {person.pk for person in people}
    return list({row.user_id: row.unit_id for row in reversed(places) if row.user_id in wanted}.items())


def _send(pairs: Sequence[tuple[int, int]], units: dict[int, Unit], by: Actor | None) -> int:
    people = User.objects.in_bulk([person_id for person_id, _unit_id in pairs])
    unit_of = {person_id: units[unit_id] for person_id, unit_id in pairs}
    answers: list[Any] = people_invited.send(
        sender=User, people=list(people.values()), unit_of=unit_of, by=by
    )
    return sum(number for _receiver, number in answers)
