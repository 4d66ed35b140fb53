"""The units that a file of people names, by their codes."""

from datetime import date

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.actions.unit_rules import require_open_for
from accounts.errors import UnitClosed
from accounts.imports.report import RowRefused
from accounts.models import FormerCode, Unit
from kit.sentence_parts import listed


def units_by_code() -> dict[str, list[Unit]]:
    """Return all units by code, and by the codes that they had formerly; the successors of closed units come with them."""
    units: dict[str, list[Unit]] = {}
    every = list(Unit.objects.select_related("county"))
    for unit in every:
        units.setdefault(unit.code, []).append(unit)
    by_pk = {unit.pk: unit for unit in every}
    formerly: dict[str, dict[int, Unit]] = {}
    for code, unit_id in FormerCode.objects.values_list("code", "unit_id"):
        formerly.setdefault(code, {})[unit_id] = by_pk[unit_id]
    prefetch_related_objects([unit for unit in every if unit.until], "successions__successor")
    # A code that another unit has today is that unit's.
    return {code: list(found.values()) for code, found in formerly.items()} | units


def refuse_closed(unit: Unit, since: date | None = None, until: date | None = None) -> None:
    """Raise RowRefused for a new place, or an appointment, at a unit that has closed; the sentence names the successors."""
    try:
        require_open_for(unit, since, until)
    except UnitClosed as refusal:
        sentence = refusal.message
        if found := [row.successor for row in unit.successions.all()]:
            named = listed(f"{successor.code} {successor.name}" for successor in found)
            sentence = _("%(sentence)s It was followed by %(units)s.") % {
                "sentence": sentence,
                "units": named,
            }
        raise RowRefused("學校代碼", sentence, unit.code) from None
