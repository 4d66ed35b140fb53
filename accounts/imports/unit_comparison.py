"""The ministry's yearly list beside the register: what is new, renamed, moved, changed and missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from accounts.acting import Actor
from accounts.actions import unit_lists
from accounts.actions.units import differences
from accounts.enums import ListGroup, UnitKind
from accounts.imports.report import Report
from accounts.imports.unit_conflicts import refuse_beginning_after_end, settle_former_codes
from accounts.imports.unit_lines import NEEDED, Facts, Key, kind_of, level_not_offered
from accounts.imports.units import known_units, parse, watched
from accounts.models import Unit, UnitList, UnitListRow
from accounts.queries.levels import levels_not_offered
from jobs.progress import Progress
from kit import clock
from kit.tables import open_table

MOVES = frozenset({"county", "district", "address"})
# The ministry lists schools and kindergartens; offices and centres are not missing from it.
LISTED = (UnitKind.SCHOOL, UnitKind.KINDERGARTEN)


def compare(path: Path, *, name: str, by: Actor, progress: Progress) -> tuple[UnitList, Report]:
    """Keep the differences of a file; nothing of the register is changed. Refused rows are reported and left out.

    Raise UnreadableTable, MissingColumns, OnlyOperatorMay.
    """
    report = Report()
    table = open_table(path, NEEDED)
    progress.begin(table.most)
    lines = parse(watched(table.lines, report, progress), "", report)
    known = known_units()
    settle_former_codes(lines, known, report)
    refuse_beginning_after_end(lines, known, report)
    rows = {
        key: {name: value for name, value in facts.items() if name != "parent"}
        for key, (_line, facts) in lines.items()
    }
    found = list(_offered(_differences(rows, known), lines, report))
    differing = sum(row.group in (ListGroup.RENAMED, ListGroup.MOVED, ListGroup.CHANGED) for row in found)
    unchanged = sum(key in known for key in rows) - differing
    return unit_lists.save(name=name, rows=found, unchanged=unchanged, by=by), report


def _differences(rows: Mapping[Key, Facts], known: Mapping[Key, Unit]) -> Iterator[UnitListRow]:
    missing = _missing(rows, known)
    formers = _formers(rows, known, missing)
    recoded: set[int] = set()
    for key, facts in rows.items():
        unit = known.get(key)
        if unit is None:
            if former := formers.get(key):
                recoded.add(former.pk)
                yield _row(ListGroup.RECODED, former, facts, {"code": (former.code, facts["code"])})
            else:
                yield _row(ListGroup.NEW, None, {**facts, "kind": kind_of(facts)}, {})
        elif changes := differences(unit, facts):
            yield _row(_group(changes), unit, facts, changes)
    for unit in missing:
        if unit.pk not in recoded:
            yield UnitListRow(group=ListGroup.MISSING, unit=unit, code=unit.code, name=unit.name)


def _formers(
    rows: Mapping[Key, Facts], known: Mapping[Key, Unit], missing: Iterable[Unit]
) -> dict[Key, Unit]:
    """Return the missing unit of each unknown row that has its name, county and level, and the district where a county has the name twice.

    What is still not one row and one unit is left out: it is not known which of them got another code.
    """
    found: dict[Key, Unit] = {}
    fresh = {key: facts for key, facts in rows.items() if key not in known}
    for has_district in (False, True):
        units, keys = defaultdict(list), defaultdict(list)
        taken = {unit.pk for unit in found.values()}
        for unit in missing:
            if unit.pk not in taken:
                where = unit.district if has_district else ""
                units[unit.name, unit.county_name, unit.level, where].append(unit)
        for key, facts in fresh.items():
            if key not in found:
                where = facts.get("district", "") if has_district else ""
                keys[facts["name"], facts["county"], facts["level"], where].append(key)
        for same, these in keys.items():
            if len(these) == 1 and len(units[same]) == 1:
                found[these[0]] = units[same][0]
    return found


def _offered(
    found: Iterable[UnitListRow], lines: Mapping[Key, tuple[int, Facts]], report: Report
) -> Iterator[UnitListRow]:
    """Yield the differences without new units whose level is not offered today, which are refused."""
    ended = levels_not_offered()
    for row in found:
        level = row.facts.get("level", "")
        if row.group == ListGroup.NEW and level in ended:
            report.refuse(lines[row.code, level][0], level_not_offered(level))
        else:
            yield row


def _missing(rows: Mapping[Key, Facts], known: Mapping[Key, Unit]) -> list[Unit]:
    """Return the open units that the list should have: of its levels and counties, begun, and not in it."""
    levels = {facts["level"] for facts in rows.values()}
    counties = {facts["county"] for facts in rows.values()}
    there = {known[key].pk for key in rows if key in known}
    units = {unit.pk: unit for unit in known.values()}
    return [
        unit
        for unit in units.values()
        if unit.pk not in there
        and unit.kind in LISTED
        and unit.level in levels
        and unit.county_name in counties
        and unit.until is None
        and not (unit.since and unit.since > clock.today())
    ]


def _group(changes: Mapping[str, Any]) -> ListGroup:
    if "name" in changes:
        return ListGroup.RENAMED
    return ListGroup.MOVED if MOVES & set(changes) else ListGroup.CHANGED


def _row(
    group: ListGroup, unit: Unit | None, facts: Facts, changes: Mapping[str, tuple[str, str]]
) -> UnitListRow:
    plain = {
        name: f"{value:%Y-%m-%d}" if name == "since" and value else value for name, value in facts.items()
    }
    return UnitListRow(
        group=group,
        unit=unit,
        code=facts["code"],
        name=facts["name"],
        facts=plain,
        changes={name: list(pair) for name, pair in changes.items()},
    )
