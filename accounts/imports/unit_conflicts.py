"""Rows of a list of units that do not fit the register or each other, though each is well-formed by itself."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from accounts.actions.unit_rules import begins_after_end, fits_under
from accounts.errors import BeginsAfterEnd
from accounts.errors.code_lists import UnitsUnfit
from accounts.imports.report import Report, RowRefused
from accounts.imports.unit_lines import COLUMNS, SINCE, Facts, Key, kind_of
from accounts.models import Unit

Rows = dict[Key, tuple[int, Facts]]
# Kind and county of a unit.
Place = tuple[str, str]


def settle_former_codes(rows: Rows, known: dict[Key, Unit], report: Report) -> None:
    """Let no two rows be one unit: where the file has it under its code of today, a former code is another unit's.

    That row is a new unit, which is taken out of `known`; with the same name it is dropped and refused, as is the second of two former codes.
    """
    named: dict[int, str] = {}
    for key in sorted(rows, key=lambda key: key in known and key != own_key(known[key])):
        unit = known.get(key)
        line, facts = rows[key]
        if unit is None:
            continue
        if unit.pk not in named:
            named[unit.pk] = facts["name"]
        elif own_key(unit) not in rows or facts["name"] in (unit.name, named[unit.pk]):
            sentence = _("%(code)s is a former code of %(unit)s, which is in the file already")
            words = {"code": facts["code"], "unit": f"{unit.code} {unit.name}"}
            report.refuse(line, RowRefused("學校代碼", sentence % words, facts["code"]))
            del rows[key]
        else:
            del known[key]


def own_key(unit: Unit) -> Key:
    """Return the code and level that a unit has today."""
    return unit.code, unit.level


def refuse_beginning_after_end(rows: Rows, known: Mapping[Key, Unit], report: Report) -> None:
    """Drop and refuse the rows that let a closed unit begin after its last day."""
    for key in list(rows):
        line, facts = rows[key]
        unit = known.get(key)
        if unit and begins_after_end(unit, facts):
            sentence = BeginsAfterEnd(day=unit.until).message
            report.refuse(line, RowRefused(SINCE, sentence, f"{facts['since']:%Y-%m-%d}"))
            del rows[key]


def refuse_unfit(
    rows: Rows, known: Mapping[Key, Unit], parents: dict[Key, Key | None], report: Report
) -> None:
    """Drop and refuse the rows after which a unit and the one above it would not fit each other, until all do.

    A row changes the county or kind of a unit without naming its parent, and the units under it need not be in the file.
    """
    while unfit := _unfit(rows, known, parents):
        for key, (unit, parent) in unfit.items():
            line, facts = rows.pop(key)
            parents.pop(key, None)
            old = known.get(key)
            column = COLUMNS["county" if old is None or old.county_name != facts["county"] else "kind"]
            report.refuse(line, RowRefused(column, UnitsUnfit(unit=unit, parent=parent).message))


def _unfit(
    rows: Rows, known: Mapping[Key, Unit], parents: Mapping[Key, Key | None]
) -> dict[Key, tuple[str, str]]:
    """Return the rows that part a unit from the one above it, with the names of the two."""
    keys = {own_key(known[key]) if key in known else key: key for key in rows}
    stored = {own_key(unit): (unit.kind, unit.county_name) for unit in known.values()}
    places = dict(stored)
    for own, key in keys.items():
        facts = rows[key][1]
        kind = facts.get("kind") or (stored[own][0] if own in stored else kind_of(facts))
        places[own] = (kind, facts["county"])
    above: dict[Key, Key | None] = {
        own_key(unit): own_key(unit.parent) for unit in known.values() if unit.parent
    }
    for own, key in keys.items():
        if key in parents:
            parent = parents[key]
            above[own] = own_key(known[parent]) if parent and parent in known else parent
    names = {own_key(unit): unit.name for unit in known.values()}
    names |= {own: rows[key][1]["name"] for own, key in keys.items()}
    found = {}
    for own, higher in above.items():
        if higher is None or (higher in places and fits_under(*places[own], *places[higher])):
            continue
        moved = [one for one in (own, higher) if one in keys and places[one] != stored.get(one)]
        if cause := next(iter([*moved, *(one for one in (own, higher) if one in keys)]), None):
            found[keys[cause]] = names[own], names.get(higher, higher[0])
    return found
