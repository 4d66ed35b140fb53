"""Add and change units, one on a page or many from a list, each change with a row of the record."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.actions import unit_codes, unit_rules
from accounts.change_signals import units_renamed
from accounts.errors import BeginsAfterEnd, ChangedMeanwhile, UnitCodeTaken, UnitStays
from accounts.locks import lock_actor, lock_units
from accounts.models import Unit
from audit import log
from kit.previews import mark_of

# A unit's facts as lists and forms give them: fields of `Unit`, county and parent as their rows.
Facts = Mapping[str, Any]
FIELDS = (
    "name",
    "kind",
    "school_type",
    "county",
    "parent",
    "district",
    "address",
    "phone",
    "website",
    "contact_name",
    "contact_mail",
    "since",
)


def differences(unit: Unit, facts: Facts) -> dict[str, tuple[str, str]]:
    """Return each fact that differs from the stored one, before and after."""
    pairs = {name: (_text(getattr(unit, name)), _text(facts[name])) for name in FIELDS if name in facts}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


@transaction.atomic
def add(*, facts: Facts, by: Actor) -> Unit:
    """Add a unit; `facts` has all of `FIELDS`, the code and the level.

    Raise MayNotKeepUnit, KindOfOperator, LevelNotOffered, UnitCodeTaken, and what `unit_rules.check` raises.
    """
    parent = facts["parent"]
    lock_units([parent.pk] if parent else [])
    by = lock_actor(by)
    unit_rules.require_keeper(by, facts["county"].pk if facts["county"] else None)
    unit_rules.require_kind(by, facts["kind"])
    unit_rules.check({**facts, "parent": _now(parent)})
    unit_rules.require_offered([facts["level"]])
    unit_codes.refuse_taken(facts["code"], facts["level"])
    try:
        with transaction.atomic():
            unit = Unit.objects.create(**facts)
    except IntegrityError:
        # Added by another person since the look above.
        raise UnitCodeTaken(name=facts["code"]) from None
    log.record("unit.added", unit, by=by, unit_id=unit.pk, after=_shown(unit))
    return unit


@transaction.atomic
def change(*, unit: Unit, facts: Facts, seen: str, by: Actor) -> Unit:
    """Change a unit on its page; each change is recorded with the value before. Code and level stay.

    `seen` is the mark of the facts that the page showed. Raise MayNotKeepUnit, KindOfOperator, ChangedMeanwhile, UnitStays, and what
    `unit_rules.check` raises.
    """
    parent = facts["parent"]
    lock_units([unit.pk, *([parent.pk] if parent else [])])
    by = lock_actor(by)
    unit = Unit.objects.select_related("county", "parent").get(pk=unit.pk)
    for county_id in {unit.county_id, facts["county"].pk if facts["county"] else None}:
        unit_rules.require_keeper(by, county_id)
    for kind in {unit.kind, facts["kind"]}:
        unit_rules.require_kind(by, kind)
    if seen != mark(unit):
        raise ChangedMeanwhile(name=unit.name)
    unit_rules.check({**facts, "level": unit.level, "parent": _now(parent)}, unit)
    _refuse_orphans(unit, facts)
    if unit_rules.begins_after_end(unit, facts):
        raise BeginsAfterEnd(day=unit.until)
    if not differences(unit, facts):
        raise UnitStays
    _save([], [(unit, facts)], by)
    return unit


def mark(unit: Unit) -> str:
    """Return a mark of the unit's facts: the same as long as nobody changes one."""
    return mark_of("unit", [unit.pk, *(f"{name}={_text(getattr(unit, name))}" for name in FIELDS)])


def _now(parent: Unit | None) -> Unit | None:
    """Return the locked parent as it is now."""
    return Unit.objects.select_related("parent").get(pk=parent.pk) if parent else None


def _refuse_orphans(unit: Unit, facts: Facts) -> None:
    """The units under this one still fit it when its kind or county changes."""
    as_parent = Unit(pk=unit.pk, name=unit.name, kind=facts["kind"], county=facts["county"])
    for child in unit.children.select_related("county"):
        unit_rules.check(
            {"kind": child.kind, "level": child.level, "county": child.county, "parent": as_parent}
        )


@transaction.atomic
def save_units(fresh: Sequence[Facts], changed: Sequence[tuple[Unit, Facts]], *, by: Actor | None) -> None:
    """Save new and changed units; a constant number of statements for five hundred of them."""
    lock_units(unit.pk for unit, _facts in changed)
    _save(fresh, changed, by)


def _save(fresh: Sequence[Facts], changed: Sequence[tuple[Unit, Facts]], by: Actor | None) -> None:
    made = Unit.objects.bulk_create([Unit(**facts) for facts in fresh], batch_size=500)
    events = [log.event("unit.added", unit, by=by, unit_id=unit.pk, after=_shown(unit)) for unit in made]
    renamed = []
    former: list[tuple[Unit, str]] = []
    for unit, facts in changed:
        found = differences(unit, facts)
        for name in found:
            setattr(unit, name, facts[name])
        if "name" in found:
            renamed.append(unit)
            former.append((unit, found["name"][0]))
        before = {name: old for name, (old, _new) in found.items()}
        after = {name: new for name, (_old, new) in found.items()}
        events.append(log.event("unit.changed", unit, by=by, unit_id=unit.pk, before=before, after=after))
    Unit.objects.bulk_update([unit for unit, _facts in changed], FIELDS, batch_size=500)
    log.record_many(events)
    unit_codes.store_former_names(former)
    if renamed:
        units_renamed.send(sender=Unit, units=renamed)


def _shown(unit: Unit) -> dict[str, str]:
    return {"name": unit.name, "kind": unit.kind, "county": unit.county_name}
