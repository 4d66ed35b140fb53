"""單位 from the ministry's lists. Code and level together are a unit: an attached elementary school shares its high school's code."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import UnitLevel
from accounts.imports.report import Report, RowRefused
from accounts.models import County, Unit
from accounts.models.unit import unit_code
from inservice.tables import Line, read_table
from inservice.texts import fold

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
# The ministry's order; 桃園縣 became 桃園市 in 2014, and older lists still say 縣.
COUNTIES = [
    "新北市",
    "臺北市",
    "桃園市",
    "臺中市",
    "臺南市",
    "高雄市",
    "宜蘭縣",
    "新竹縣",
    "苗栗縣",
    "彰化縣",
    "南投縣",
    "雲林縣",
    "嘉義縣",
    "屏東縣",
    "臺東縣",
    "花蓮縣",
    "澎湖縣",
    "基隆市",
    "新竹市",
    "嘉義市",
    "金門縣",
    "連江縣",
]
RENAMED = {"桃園縣": "桃園市", "臺北縣": "新北市", "臺中縣": "臺中市", "臺南縣": "臺南市", "高雄縣": "高雄市"}
# Column of the file → field of the unit. Columns that a file lacks leave the field as it is.
FIELDS = {"學校名稱": "name", "鄉鎮市區": "district", "地址": "address", "電話": "phone", "網址": "website"}
Key = tuple[str, str]


def county_name(text: str) -> str:
    """臺 for 台, and today's name for one that has been renamed."""
    name = fold(text)
    return RENAMED.get(name, name)


def import_units(
    path: str, *, county: str = "", skip_bad_rows: bool = False, dry_run: bool = False
) -> Report:
    """Create and change units; a file with a refused line changes nothing unless `skip_bad_rows`. Never deletes.

    Raises UnreadableTable, MissingColumns.
    """
    report = Report()
    rows = _parse(read_table(path, NEEDED), county_name(county), report)
    if dry_run or (report.refused and not skip_bad_rows):
        with transaction.atomic():
            _save(rows, report)
            transaction.set_rollback(True)
        return report
    with transaction.atomic():
        _save(rows, report)
    report.saved = True
    return report


def _parse(lines: Iterable[Line], county: str, report: Report) -> dict[Key, dict[str, Any]]:
    rows: dict[Key, dict[str, Any]] = {}
    for line in lines:
        if county and county_name(line["縣市名稱"]) != county:
            continue
        try:
            facts = _facts(line)
            key = (facts["code"], facts["level"])
            if key in rows:
                raise RowRefused(
                    "學校代碼", _("the code %(code)s of this level stands twice in the file") % facts
                )
            rows[key] = facts
        except RowRefused as error:
            report.refuse(line.number, error)
    return rows


def _facts(line: Line) -> dict[str, Any]:
    code, level, county = (
        line["學校代碼"].upper(),
        LEVELS.get(line["學校級別"]),
        county_name(line["縣市名稱"]),
    )
    if not unit_code.regex.match(code):  # type: ignore[union-attr]
        raise RowRefused("學校代碼", _("“%s” is not a code of six digits or letters") % code[:20])
    if level is None:
        raise RowRefused("學校級別", _("unknown level; known are %s") % "、".join(LEVELS))
    if county not in COUNTIES:
        raise RowRefused("縣市名稱", _("“%s” is not a county") % county[:20])
    facts: dict[str, Any] = {"code": code, "level": level, "county": county}
    for column, name in FIELDS.items():
        if column in line.cells:
            facts[name] = _checked(column, name, line[column])
    if not facts["name"]:
        raise RowRefused("學校名稱", _("the name is missing"))
    return facts


def _checked(column: str, name: str, value: str) -> str:
    most = Unit._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
    if len(value) > most:
        raise RowRefused(column, _("longer than %s characters") % most)
    if any(ord(c) < 32 for c in value):
        raise RowRefused(column, _("contains characters that cannot be stored"))
    return value


def _save(rows: dict[Key, dict[str, Any]], report: Report) -> None:
    counties = _counties({facts["county"] for facts in rows.values()})
    known = {(u.code, u.level): u for u in Unit.objects.all()}
    fresh, changed = [], []
    for key, facts in rows.items():
        values = {**facts, "county": counties[facts["county"]]}
        unit = known.get(key)
        if unit is None:
            fresh.append(Unit(**values))
        elif _differs(unit, values):
            for name, value in values.items():
                setattr(unit, name, value)
            changed.append(unit)
        else:
            report.unchanged += 1
    Unit.objects.bulk_create(fresh, batch_size=500)
    Unit.objects.bulk_update(changed, ["county", *FIELDS.values()], batch_size=500)
    report.created, report.changed = len(fresh), len(changed)


def _differs(unit: Unit, values: dict[str, Any]) -> bool:
    return any(
        getattr(unit, "county_id" if n == "county" else n) != (v.pk if n == "county" else v)
        for n, v in values.items()
    )


def _counties(names: set[str]) -> dict[str, County]:
    order = {name: number for number, name in enumerate(COUNTIES, 1)}
    missing = names - set(County.objects.filter(name__in=names).values_list("name", flat=True))
    County.objects.bulk_create(
        [County(name=name, order=order[name]) for name in sorted(missing, key=order.__getitem__)]
    )
    return {county.name: county for county in County.objects.filter(name__in=names)}
