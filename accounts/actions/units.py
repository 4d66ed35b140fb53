"""Add and change units from a list, each change with a row of the record."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.change_signals import units_renamed
from accounts.locks import lock_units
from accounts.models import Unit
from audit import log

# A unit's facts as lists give them: fields of `Unit`, the county as a `County`.
Facts = Mapping[str, Any]
FIELDS = ("name", "county", "district", "address", "phone", "website")


def differences(unit: Unit, facts: Facts) -> dict[str, tuple[str, str]]:
    """Return each fact that differs from the list, before and after."""
    pairs = {name: (str(getattr(unit, name)), str(facts[name])) for name in FIELDS if name in facts}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


@transaction.atomic
def save_units(fresh: Sequence[Facts], changed: Sequence[tuple[Unit, Facts]], *, by: Actor | None) -> None:
    """Save new and changed units; a constant number of statements for five hundred of them."""
    lock_units(unit.pk for unit, _facts in changed)
    made = Unit.objects.bulk_create([Unit(**facts) for facts in fresh], batch_size=500)
    events = [log.event("unit.added", unit, by=by, unit_id=unit.pk, after=_shown(unit)) for unit in made]
    renamed = []
    for unit, facts in changed:
        found = differences(unit, facts)
        for name in found:
            setattr(unit, name, facts[name])
        if "name" in found:
            renamed.append(unit)
        before = {name: old for name, (old, _new) in found.items()}
        after = {name: new for name, (_old, new) in found.items()}
        events.append(log.event("unit.changed", unit, by=by, unit_id=unit.pk, before=before, after=after))
    Unit.objects.bulk_update([unit for unit, _facts in changed], FIELDS, batch_size=500)
    log.record_many(events)
    if renamed:
        units_renamed.send(sender=Unit, units=renamed)


def _shown(unit: Unit) -> dict[str, str]:
    return {"name": unit.name, "county": str(unit.county)}
