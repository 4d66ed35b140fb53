"""What follows for business accounts when places of service end: none outlives its place."""

from collections.abc import Mapping, Sequence
from datetime import date

from accounts.acting import Actor
from accounts.actions import appointments, last_in_charge
from accounts.change_signals import accounts_ended
from accounts.models import Affiliation, BusinessAccount
from accounts.queries.places import last_day_at


def follow(
    place: Affiliation,
    accounts: Sequence[BusinessAccount],
    *,
    by: Actor | None,
    confirmed: bool,
    reason: str = "",
) -> list[BusinessAccount]:
    """End those of the person's open accounts at the unit, all locked, that outlive the service there; return them.

    Raise LastOperator; LeavesUnitWithout when they are the unit's last and that is not `confirmed`.
    """
    last = last_day_at(place.user_id, place.unit_id)
    if last is None:
        return []
    days = {(place.user_id, place.unit_id): last}
    return end_all(accounts, days, by=by, confirmed=confirmed, reason=reason)


def end_all(
    accounts: Sequence[BusinessAccount],
    last: Mapping[tuple[int, int], date],
    *,
    by: Actor | None,
    confirmed: bool,
    reason: str = "",
) -> list[BusinessAccount]:
    """End those of the open, locked accounts that outlive the service; return them. `last`: its last day by person and unit."""
    days = {row.pk: last[row.user_id, row.unit_id] for row in accounts if (row.user_id, row.unit_id) in last}
    ending = [row for row in accounts if row.pk in days and last_in_charge.outlives(row, days[row.pk])]
    if not confirmed:
        for unit_id in sorted({row.unit_id for row in ending}):
            of_unit = [row for row in ending if row.unit_id == unit_id]
            last_in_charge.ask(unit_id, of_unit, max(days[row.pk] for row in of_unit))
    ended = [appointments.end_with_place(row, days[row.pk], by=by, reason=reason) for row in ending]
    accounts_ended.send(sender=BusinessAccount, accounts=ended)
    return ended
