"""The levels of schools in the order that the operator gives them (`accounts.models.Level`)."""

from django.utils.functional import Promise

from accounts.enums import UnitLevel
from accounts.models import Level


def levels_in_order(*, offered: bool = False, keep: str = "") -> list[UnitLevel]:
    """Return the levels in their order; `offered`: those of today only, and `keep`, the one that a unit has. One query.

    A level without an entry in the list comes last and is offered.
    """
    rows = {row.code: row for row in Level.objects.all()}
    ordered = [UnitLevel(code) for code in rows] + [one for one in UnitLevel if one.value not in rows]
    return [one for one in ordered if not offered or one == keep or one not in rows or rows[one].is_valid()]


def levels_not_offered() -> frozenset[str]:
    """Return the codes of the levels that no new unit may have today. One query."""
    return frozenset(row.code for row in Level.objects.all() if not row.is_valid())


def level_choices(*, offered: bool = False, keep: str = "") -> list[tuple[str, str | Promise]]:
    """Return the levels of `levels_in_order` as a form shows them."""
    return [(level.value, level.label) for level in levels_in_order(offered=offered, keep=keep)]
