"""單位 from the ministry's lists. Code and level together are a unit: an attached elementary school shares its high school's code."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.actions.counties import COUNTIES, counties_named
from accounts.actions.units import differences, save_units
from accounts.enums import UnitLevel
from accounts.imports.file_turns import wait_for_turn
from accounts.imports.report import Report, RowRefused, refuse_faulty
from accounts.models import FormerCode, Unit
from accounts.models.unit import unit_code
from jobs.progress import Progress, Unwatched
from kit.batches import batches
from kit.errors import Refusal
from kit.tables import Line, open_table
from kit.texts import fold

NEEDED = ("學校代碼", "學校名稱", "縣市名稱", "學校級別")
LEVELS = {
    "國民小學": UnitLevel.ELEMENTARY,
    "附設國民小學": UnitLevel.ATTACHED_ELEMENTARY,
    "國民中學": UnitLevel.JUNIOR_HIGH,
    "高級中學": UnitLevel.SENIOR_HIGH,
    "高級中等學校": UnitLevel.SENIOR_HIGH,
    "高級職業學校": UnitLevel.VOCATIONAL,
    "特殊教育學校": UnitLevel.SPECIAL,
    "幼兒園": UnitLevel.PRESCHOOL,
}
# 桃園縣 became 桃園市 in 2014, and older lists still have 縣.
RENAMED = {"桃園縣": "桃園市", "臺北縣": "新北市", "臺中縣": "臺中市", "臺南縣": "臺南市", "高雄縣": "高雄市"}
# Column of the file → field of the unit. Columns that a file lacks leave the field as it is.
FIELDS = {"學校名稱": "name", "鄉鎮市區": "district", "地址": "address", "電話": "phone", "網址": "website"}
COLUMNS = {**{name: column for column, name in FIELDS.items()}, "county": "縣市名稱"}
Key = tuple[str, str]
Facts = dict[str, Any]


def unit_code_of(text: str) -> str:
    """A code as units have it: half width, capitals."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def county_name(text: str) -> str:
    """臺 for 台, and today's name for one that has been renamed."""
    name = fold(text)
    return RENAMED.get(name, name)


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
) -> Report:
    """Create and change units; a file with a refused line changes nothing unless `skip_bad_rows`. Never deletes.

    Everything is read and checked first, then written in one transaction: a crash in the middle leaves nothing. Without `rename` a
    row that gives a unit another name is refused. Raise UnreadableTable, MissingColumns, UnknownCounty, NoSuchCounty.
    """
    report, progress = Report(), progress or Unwatched()
    wanted = _county_asked(county)
    table = open_table(path, NEEDED)
    progress.begin(table.most)
    rows = _parse(_watched(table.lines, report, progress), wanted, report)
    with transaction.atomic():
        if not dry_run:
            wait_for_turn(progress)
        fresh, changed = _sort(rows, report, rename or dry_run)
        if dry_run or (report.refused_total and not skip_bad_rows):
            return report
        counties = counties_named(
            {facts["county"] for facts in [*fresh, *(facts for _unit, facts in changed)]}
        )
        save_units(
            [{**facts, "county": counties[facts["county"]]} for facts in fresh],
            [(unit, {**facts, "county": counties[facts["county"]]}) for unit, facts in changed],
            by=by,
        )
        progress.commit()
    report.saved = True
    return report


def _county_asked(text: str) -> str:
    """Raise UnknownCounty with the nearest names."""
    name = county_name(text)
    if name and name not in COUNTIES:
        near = [known for known in COUNTIES if name in known or known in name]
        near = near or get_close_matches(name, COUNTIES, n=3, cutoff=0.3) or list(COUNTIES)
        raise UnknownCounty(typed=text[:20], near="、".join(near))
    return name


def _watched(lines: Iterable[Line], report: Report, progress: Progress) -> Iterator[Line]:
    told = 0
    for piece in batches(lines, 100):
        yield from piece
        progress.step(len(piece), report.refused_total - told)
        told = report.refused_total


def _parse(lines: Iterable[Line], county: str, report: Report) -> dict[Key, tuple[int, Facts]]:
    """Return the facts of each unit with their line. Raise NoSuchCounty if the file has none of the requested county."""
    rows: dict[Key, tuple[int, Facts]] = {}
    others: dict[str, None] = {}
    asked = 0
    for line in lines:
        if county and not line.fault and (name := county_name(line["縣市名稱"])) != county:
            others[name[:20]] = None
            continue
        asked += 1
        try:
            facts = _facts(line)
            key = (facts["code"], facts["level"])
            if key in rows:
                raise RowRefused(
                    "學校代碼", _("the code %(code)s of this level stands twice in the file") % facts
                )
            rows[key] = line.number, facts
        except RowRefused as error:
            report.refuse(line.number, error)
    if county and not asked:
        raise NoSuchCounty(county=county, found="、".join(list(others)[: len(COUNTIES)]))
    return rows


def _facts(line: Line) -> dict[str, Any]:
    refuse_faulty(line)
    code, level, county = (
        unit_code_of(line["學校代碼"]),
        LEVELS.get(line["學校級別"]),
        county_name(line["縣市名稱"]),
    )
    if not cast("re.Pattern[str]", unit_code.regex).match(code):
        raise RowRefused("學校代碼", _("“%s” is not a code of six digits or letters") % code[:20], code)
    if level is None:
        raise RowRefused("學校級別", _("unknown level; known are %s") % "、".join(LEVELS), line["學校級別"])
    if county not in COUNTIES:
        raise RowRefused("縣市名稱", _("“%s” is not a county") % county[:20], county)
    facts: dict[str, Any] = {"code": code, "level": level, "county": county}
    for column, name in FIELDS.items():
        if column in line.cells:
            facts[name] = _checked(column, name, line[column])
    if not facts["name"]:
        raise RowRefused("學校名稱", _("the name is missing"))
    return facts


def _checked(column: str, name: str, value: str) -> str:
    most = cast("models.CharField[str, str]", Unit._meta.get_field(name)).max_length or 0
    if len(value) > most:
        raise RowRefused(column, _("longer than %s characters") % most, value[:60])
    if any(ord(c) < 32 for c in value):
        raise RowRefused(column, _("contains characters that cannot be stored"))
    return value


def _sort(
    rows: dict[Key, tuple[int, Facts]], report: Report, rename: bool
) -> tuple[list[Facts], list[tuple[Unit, Facts]]]:
    """What is to be created, and the changed units with what they become; counted. Names change only if they may."""
    known = {(u.code, u.level): u for u in Unit.objects.select_related("county", "parent")}
    for former in FormerCode.objects.select_related("unit__county", "unit__parent"):
        known.setdefault((former.code, former.level), former.unit)
    fresh, changed = [], []
    for key, (line, facts) in rows.items():
        unit = known.get(key)
        found = differences(unit, facts) if unit else {}
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
