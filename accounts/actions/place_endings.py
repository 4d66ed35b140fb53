"""What follows for business accounts when a place of service ends: none outlives it."""

from collections.abc import Collection, Sequence
from datetime import date

from accounts.acting import Actor
from accounts.actions import appointments
from accounts.enums import UNIT_ROLES, Role
from accounts.errors import LeavesUnitWithout
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
    ending = [account for account in accounts if _outlives(account, last)]
    if not confirmed:
        _ask_about_the_last(place, ending, last)
    return [appointments.end_with_place(account, last, by=by, reason=reason) for account in ending]


def _outlives(account: BusinessAccount, last: date) -> bool:
    return account.valid_until is None or account.valid_until > last


def _ask_about_the_last(place: Affiliation, ending: Collection[BusinessAccount], last: date) -> None:
    others = BusinessAccount.objects.open().of_unit(place.unit_id).exclude(pk__in=[row.pk for row in ending])
    staying = {
        row.role for row in others.select_related("user") if row.valid_until is None or row.valid_until > last
    }
    lost = {row.role for row in ending if row.role in UNIT_ROLES} - staying
    if not lost:
        return
    if not staying & UNIT_ROLES:
        question = LeavesUnitWithout.BOTH
    else:
        question = LeavesUnitWithout.LEAD if Role.UNIT_LEAD in lost else LeavesUnitWithout.HANDLER
    raise LeavesUnitWithout(question, name=place.user.name)
