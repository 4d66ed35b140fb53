"""Whether the nation has an operator: without one, no next operator can be appointed; and the unit of the operators."""

from collections.abc import Collection
from datetime import date, timedelta

from accounts.enums import Role, UnitKind
from accounts.models import BusinessAccount, Unit


def operators_unit() -> Unit | None:
    """Return the unit of the operators: the first one, should there be several; None in a bare installation."""
    return Unit.objects.filter(kind=UnitKind.OPERATOR).order_by("pk").first()


def days_left_without(account: BusinessAccount, until: date | None, today: date) -> list[date]:
    """Return the first days without an operator if this account were in force only until a day (None: there are none).

    Days that have no operator anyhow do not count: this account is not their cause.
    """
    if account.role != Role.OPERATOR:
        return []
    found = BusinessAccount.objects.open(today).filter(role=Role.OPERATOR, user__is_active=True)
    rows = list(found.select_related("user"))
    others = [row for row in rows if row.pk != account.pk]
    # In between nothing begins or ends.
    days = {today} | {row.valid_from for row in rows}
    days |= {row.valid_until + timedelta(days=1) for row in rows if row.valid_until}
    days |= {until + timedelta(days=1)} if until else set()
    return sorted(
        day
        for day in days
        if day >= today
        and _in_force(rows, day)
        and not _in_force(others, day)
        and (until is None or day > until)
    )


def _in_force(rows: Collection[BusinessAccount], day: date) -> bool:
    return any(row.is_active(day) for row in rows)
