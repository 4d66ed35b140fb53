"""Differences between the ministry's yearly list and the register: accepted or left, one by one or a group at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.actions import unit_rules
from accounts.actions.counties import counties_named
from accounts.actions.unit_codes import recode
from accounts.actions.units import FIELDS, differences, save_units
from accounts.enums import ListGroup, ListRowState
from accounts.errors.code_lists import UnitsAddedMeanwhile
from accounts.locks import lock_actor, lock_unit_list, lock_units
from accounts.models import Unit, UnitList, UnitListRow
from accounts.rules import require_operator
from audit import log
from kit import clock
from kit.errors import Refusal


@dataclass(frozen=True)
class Decided:
    """How many differences were carried out, and how many not because the unit has been changed since the list was compared."""

    done: int
    stale: int


@transaction.atomic
def save(*, name: str, rows: Sequence[UnitListRow], unchanged: int, by: Actor) -> UnitList:
    """Keep the differences of a list until they are decided. Raise OnlyOperatorMay."""
    by = _lock_operator(by)
    made = UnitList.objects.create(
        name=name[:200], uploaded_by=by.user, uploaded_at=clock.now(), unchanged=unchanged
    )
    for row in rows:
        row.unit_list = made
    UnitListRow.objects.bulk_create(rows, batch_size=500)
    log.record("unit_list.compared", made, by=by, after={"differences": len(rows), "unchanged": unchanged})
    return made


@transaction.atomic
def accept(*, unit_list: UnitList, row_ids: Collection[int], by: Actor) -> Decided:
    """Carry out differences that wait. One whose unit is no longer as it was compared is left waiting: nothing unseen is overwritten.

    A unit that is missing is not closed here: that is an act of its own. Raise OnlyOperatorMay, LevelNotOffered,
    UnitsAddedMeanwhile, UnitsUnfit.
    """
    wanted = unit_list.rows.filter(pk__in=row_ids, state=ListRowState.OPEN).exclude(group=ListGroup.MISSING)
    near = wanted.exclude(unit=None).values_list("unit_id", "unit__parent")
    lock_units({pk for pair in near for pk in pair if pk})
    by = _lock_operator(by)
    # Of two who accept the same differences one carries them out: they are read again under the lock.
    lock_unit_list(unit_list)
    rows = list(wanted.select_related("unit__county", "unit__parent"))
    counties = counties_named({row.facts["county"] for row in rows if row.facts.get("county")})
    done: list[int] = []
    fresh, changed = [], []
    for row in rows:
        facts = {**_typed(row.facts), "county": counties.get(row.facts.get("county", ""))}
        if row.group == ListGroup.RECODED:
            done += [row.pk] if _recoded(row, by) else []
        elif row.unit is None:
            if not Unit.objects.filter(code=facts["code"], level=facts["level"]).exists():
                fresh.append(facts)
                done.append(row.pk)
        elif _is_as_compared(row.unit, row, facts) and not unit_rules.begins_after_end(row.unit, facts):
            changed.append((row.unit, facts))
            done.append(row.pk)
    unit_rules.require_offered({facts["level"] for facts in fresh})
    try:
        with transaction.atomic():
            save_units(fresh, changed, by=by)
            unit_rules.require_fit_around(unit.pk for unit, _facts in changed)
    except IntegrityError:
        # A unit of the list was added by another act since the look above.
        raise UnitsAddedMeanwhile from None
    UnitListRow.objects.filter(pk__in=done).update(state=ListRowState.ACCEPTED)
    after = {"accepted": len(done), "stale": len(rows) - len(done)}
    log.record("unit_list.accepted", unit_list, by=by, after=after)
    return Decided(len(done), len(rows) - len(done))


@transaction.atomic
def leave(*, unit_list: UnitList, row_ids: Collection[int], by: Actor) -> Decided:
    """Leave units as they are, whatever the list says. Raise OnlyOperatorMay."""
    by = _lock_operator(by)
    lock_unit_list(unit_list)
    rows = unit_list.rows.filter(pk__in=row_ids, state=ListRowState.OPEN)
    number = rows.update(state=ListRowState.LEFT)
    log.record("unit_list.left", unit_list, by=by, after={"left": number})
    return Decided(number, 0)


def _lock_operator(by: Actor) -> Actor:
    by = lock_actor(by)
    require_operator(by)
    return by


def _typed(facts: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in facts.items() if name in (*FIELDS, "code", "level")}
    if since := known.get("since"):
        known["since"] = date.fromisoformat(since)
    return known


def _is_as_compared(unit: Unit, row: UnitListRow, facts: dict[str, Any]) -> bool:
    found = {name: list(pair) for name, pair in differences(unit, facts).items()}
    return bool(found == row.changes)


def _recoded(row: UnitListRow, by: Actor) -> bool:
    """Give the unit the code of the list; return whether it could be given."""
    # As it is now: another row of the list may have given it a code just before.
    unit = Unit.objects.get(pk=row.unit_id) if row.unit_id else None
    if unit is None or unit.code != row.changes["code"][0]:
        return False
    try:
        recode(unit=unit, code=row.code, level=unit.level, reason=row.unit_list.name, by=by)
    except Refusal:
        return False
    return True
