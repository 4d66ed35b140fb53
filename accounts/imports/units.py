"""單位 from the ministry's lists. Code and level together are a unit: an attached elementary school shares its high school's code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.actions import unit_rules
from accounts.actions.counties import COUNTIES, counties_named
from accounts.actions.units import differences, save_units
from accounts.enums import UnitKind
from accounts.errors import ParentAstray, ParentInCircle, ParentOfWrongKind, UnitClosed
from accounts.imports.file_turns import require_sender, wait_for_turn
from accounts.imports.report import Checked, Report, RowRefused
from accounts.imports.unit_conflicts import refuse_beginning_after_end, refuse_unfit, settle_former_codes
from accounts.imports.unit_lines import (
    COLUMNS,
    NEEDED,
    PARENT,
    Facts,
    Key,
    county_name,
    facts_of,
    kind_of,
    level_not_offered,
)
from accounts.models import County, FormerCode, Unit
from accounts.queries.levels import levels_not_offered
from jobs.progress import Progress, Unwatched
from kit.batches import batches
from kit.errors import Refusal
from kit.sentence_parts import listed
from kit.tables import Line, open_table


class UnknownCounty(Refusal):
    sentence = gettext_lazy("“%(typed)s” is not a county. Near to it: %(near)s.")


class NoSuchCounty(Refusal):
    sentence = gettext_lazy("No row of the file is of %(county)s. It has: %(found)s.")


def import_units(
    path: str | Path,
    *,
    county: str = "",
    skip_bad_rows: bool = False,
    dry_run: bool = False,
    rename: bool = True,
    by: Actor | None = None,
    progress: Progress | None = None,
    checked: Checked | None = None,
) -> Report:
    """Create and change units; a file with a refused line changes nothing unless `skip_bad_rows`. Never deletes.

    Everything is read and checked first, then written in one transaction: a crash in the middle leaves nothing. Without `rename` a
    row that gives a unit another name is refused. `checked` is what the check showed. Raise UnreadableTable, MissingColumns, UnknownCounty,
    NoSuchCounty, RegisterChanged.
    """
    report, progress = Report(), progress or Unwatched()
    wanted = _county_asked(county)
    table = open_table(path, NEEDED)
    progress.begin(table.most)
    rows = parse(watched(table.lines, report, progress), wanted, report)
    refused_as_read = report.refused_total
    with transaction.atomic():
        if not dry_run:
            wait_for_turn(progress)
        known = known_units()
        settle_former_codes(rows, known, report)
        refuse_beginning_after_end(rows, known, report)
        refuse_levels_not_offered(rows, known, report)
        parents = find_parents(rows, known, report)
        refuse_unfit(rows, known, parents, report)
        fresh, changed = _sort(rows, known, parents, report, rename or dry_run)
        if later := report.refused_total - refused_as_read:
            progress.step(0, later)
        if not dry_run:
            report.require(checked)
        if dry_run or (report.refused_total and not skip_bad_rows):
            return report
        save(fresh, changed, parents, by=by)
        require_sender(by)
        progress.commit()
    report.saved = True
    return report


def save(
    fresh: Sequence[Facts],
    changed: Sequence[tuple[Unit, Facts]],
    parents: Mapping[Key, Key | None],
    *,
    by: Actor | None,
) -> None:
    """Save units with the names of their counties; then their parents, which may be new themselves. Raise what `unit_rules.check` raises."""
    named = {facts["county"] for facts in [*fresh, *(facts for _unit, facts in changed)]}
    counties: dict[str, County | None] = {**counties_named(named - {""}), "": None}

    def stored(facts: Facts) -> Facts:
        kept = {name: value for name, value in facts.items() if name != "parent"}
        return kept | {"county": counties[facts["county"]]}

    save_units(
        [{**stored(facts), "kind": kind_of(facts)} for facts in fresh],
        [(unit, stored(facts)) for unit, facts in changed if differences(unit, stored(facts))],
        by=by,
    )
    _save_parents(parents, by)


def _save_parents(parents: Mapping[Key, Key | None], by: Actor | None) -> None:
    units = known_units() if parents else {}
    pairs = [
        (units[key], units[parent] if parent else None) for key, parent in parents.items() if key in units
    ]
    moved = [(unit, parent) for unit, parent in pairs if unit.parent != parent]
    for unit, parent in moved:
        facts = {"kind": unit.kind, "level": unit.level, "county": unit.county, "parent": parent}
        unit_rules.check(facts, unit)
    save_units([], [(unit, {"parent": parent}) for unit, parent in moved], by=by)


def known_units() -> dict[Key, Unit]:
    """All units by code and level, and by those that they had formerly."""
    known = {(u.code, u.level): u for u in Unit.objects.select_related("county", "parent__parent")}
    for former in FormerCode.objects.select_related("unit__county", "unit__parent__parent"):
        known.setdefault((former.code, former.level), former.unit)
    return known


def _county_asked(text: str) -> str:
    """Raise UnknownCounty with the nearest names."""
    name = county_name(text)
    if name and name not in COUNTIES:
        near = [known for known in COUNTIES if name in known or known in name]
        near = near or get_close_matches(name, COUNTIES, n=3, cutoff=0.3) or list(COUNTIES)
        raise UnknownCounty(typed=text[:20], near=listed(near))
    return name


def watched(lines: Iterable[Line], report: Report, progress: Progress) -> Iterator[Line]:
    told = 0
    for piece in batches(lines, 100):
        yield from piece
        progress.step(len(piece), report.refused_total - told)
        told = report.refused_total


def parse(lines: Iterable[Line], county: str, report: Report) -> dict[Key, tuple[int, Facts]]:
    """Return the facts of each unit with their line. Raise NoSuchCounty if the file has none of the requested county."""
    rows: dict[Key, tuple[int, Facts]] = {}
    others: dict[str, None] = {}
    asked = 0
    for line in lines:
        if county and not line.problem and (name := county_name(line["縣市名稱"])) != county:
            others[name[:20]] = None
            continue
        asked += 1
        try:
            facts = facts_of(line)
            key = (facts["code"], facts["level"])
            if key in rows:
                raise RowRefused(
                    "學校代碼", _("the code %(code)s of this level stands twice in the file") % facts
                )
            rows[key] = line.number, facts
        except RowRefused as error:
            report.refuse(line.number, error)
    if county and not asked:
        raise NoSuchCounty(county=county, found=listed(list(others)[: len(COUNTIES)]))
    return rows


def _sort(
    rows: dict[Key, tuple[int, Facts]],
    known: Mapping[Key, Unit],
    parents: Mapping[Key, Key | None],
    report: Report,
    rename: bool,
) -> tuple[list[Facts], list[tuple[Unit, Facts]]]:
    """What is to be created, and the changed units with what they become; counted. Names change only if they may."""
    fresh, changed = [], []
    for key, (line, facts) in rows.items():
        unit = known.get(key)
        found = changes_of(unit, facts, parents.get(key), moves=key in parents) if unit else {}
        if unit is None:
            fresh.append(facts)
        elif "name" in found and not rename:
            sentence = _("the unit is called “%s” so far; a new name has to be confirmed") % unit.name
            report.refuse(line, RowRefused("學校名稱", sentence, facts["name"]))
        elif found:
            report.renamed += "name" in found
            for name, (old, new) in found.items():
                report.overwrite(line, f"{unit.code} {unit.name}", COLUMNS[name], old, new)
            changed.append((unit, facts))
        else:
            report.unchanged += 1
    report.created, report.changed = len(fresh), len(changed)
    return fresh, changed


def changes_of(unit: Unit, facts: Facts, parent: Key | None, *, moves: bool) -> dict[str, tuple[str, str]]:
    """Return what a row changes of a unit, before and after. `moves`: the row names a parent, or none on purpose."""
    found = differences(unit, {name: value for name, value in facts.items() if name != "parent"})
    above = unit.parent.code if unit.parent else ""
    if moves and (parent[0] if parent else "") != above:
        found["parent"] = (above, parent[0] if parent else "")
    return found


def refuse_levels_not_offered(
    rows: dict[Key, tuple[int, Facts]], known: Mapping[Key, Unit], report: Report
) -> None:
    """Drop and refuse the rows of new units whose level is not offered today, as the page of a new unit does."""
    ended = levels_not_offered()
    for key in [key for key in rows if key not in known and key[1] in ended]:
        line, facts = rows.pop(key)
        report.refuse(line, level_not_offered(facts["level"]))


def find_parents(
    rows: dict[Key, tuple[int, Facts]], known: Mapping[Key, Unit], report: Report
) -> dict[Key, Key | None]:
    """Return the parent of each row that names one, or names none on purpose; drop and refuse rows whose parent does not fit."""
    places = {key: (unit.kind, unit.county_name) for key, unit in known.items()}
    for key, (_line, facts) in rows.items():
        kind = facts.get("kind") or (places[key][0] if key in places else kind_of(facts))
        places[key] = (kind, facts["county"])
    by_code: dict[str, list[Key]] = {}
    for key in places:
        by_code.setdefault(key[0], []).append(key)
    found: dict[Key, Key | None] = {}
    for key, (line, facts) in list(rows.items()):
        if "parent" in facts:
            try:
                found[key] = _parent(key, facts["parent"], places, by_code)
                _refuse_closed_parent(known.get(key), known.get(found[key] or key))
            except RowRefused as error:
                report.refuse(line, error)
                del rows[key]
                found.pop(key, None)
    _refuse_circles(rows, found, known, report)
    return found


def _refuse_closed_parent(unit: Unit | None, parent: Unit | None) -> None:
    """Raise RowRefused for a parent that has closed, unless it is the unit's already (or the unit itself: it has none)."""
    if parent is None or parent == unit or (unit and unit.parent_id == parent.pk):
        return
    try:
        unit_rules.require_open(parent)
    except UnitClosed as refusal:
        raise RowRefused(PARENT, refusal.message, parent.code) from None


def _refuse_circles(
    rows: dict[Key, tuple[int, Facts]],
    found: dict[Key, Key | None],
    known: Mapping[Key, Unit],
    report: Report,
) -> None:
    """Drop and refuse the rows of units that would be above themselves."""
    above = {key: (unit.parent.code, unit.parent.level) for key, unit in known.items() if unit.parent} | found
    for key in [key for key in found if _is_above_itself(key, above)]:
        line, facts = rows.pop(key)
        sentence = ParentInCircle(parent=facts["parent"]).message
        report.refuse(line, RowRefused(PARENT, sentence, facts["parent"]))
        del found[key]


def _is_above_itself(key: Key, above: Mapping[Key, Key | None]) -> bool:
    one = above.get(key)
    for _step in range(unit_rules.DEEPEST):
        if one is None or one == key:
            break
        one = above.get(one)
    return one is not None


def _parent(
    key: Key, code: str, places: Mapping[Key, tuple[str, str]], by_code: Mapping[str, list[Key]]
) -> Key | None:
    """Return the unit of a code that may be above another. Raise RowRefused."""
    if not code:
        return None
    kind, county = places[key]
    there = by_code.get(code, [])
    fitting = [one for one in there if one != key and unit_rules.kind_fits_under(kind, places[one][0])]
    if not there:
        raise RowRefused(PARENT, _("there is no unit of the code %s, stored or in the file") % code, code)
    if not fitting:
        above = UnitKind(places[there[0]][0]).label
        raise RowRefused(PARENT, ParentOfWrongKind(kind=UnitKind(kind).label, parent=above).message, code)
    near = [one for one in fitting if unit_rules.county_fits_under(county, places[one][1])]
    if not near:
        raise RowRefused(PARENT, ParentAstray(parent=code).message, code)
    return near[0]
