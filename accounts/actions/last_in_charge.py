"""The last lead or handler of a unit goes only after a question that says what follows."""

from collections.abc import Collection
from datetime import date

from accounts.enums import UNIT_ROLES, Role
from accounts.errors import LeavesUnitWithout
from accounts.models import BusinessAccount


def ask(unit_id: int, ending: Collection[BusinessAccount], last: date) -> None:
    """Raise LeavesUnitWithout when nobody of a role is left at the unit after `last`, the last day of the accounts that end.

    A suspended account is in nobody's charge.
    """
    open_now = BusinessAccount.objects.open().of_unit(unit_id).filter(suspended_at=None)
    others = open_now.exclude(pk__in=[row.pk for row in ending])
    staying = {row.role for row in others if outlives(row, last)}
    lost = [row for row in ending if row.role in UNIT_ROLES and row.role not in staying]
    if not lost:
        return
    if not staying & UNIT_ROLES:
        question = LeavesUnitWithout.BOTH
    elif any(row.role == Role.UNIT_LEAD for row in lost):
        question = LeavesUnitWithout.LEAD
    else:
        question = LeavesUnitWithout.HANDLER
    raise LeavesUnitWithout(question, name=lost[0].user.name)


def ask_all(ending: Collection[BusinessAccount], last: date) -> None:
    """`ask` for each unit of accounts that end on one day."""
    for unit_id in sorted({row.unit_id for row in ending}):
        ask(unit_id, [row for row in ending if row.unit_id == unit_id], last)


def outlives(account: BusinessAccount, last: date) -> bool:
    """Return whether an account lasts longer than a day."""
    return account.valid_until is None or account.valid_until > last
