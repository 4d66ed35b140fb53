"""A row of a list of units: to the facts of a unit, or refused. The words of the ministry's lists and of our own columns."""

import re
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext as _

from accounts.actions.counties import COUNTIES
from accounts.actions.unit_rules import level_fits
from accounts.enums import NATIONAL_KINDS, SchoolType, UnitKind, UnitLevel
from accounts.errors import LevelDiffers
from accounts.errors.code_lists import LevelNotOffered
from accounts.imports.report import RowRefused, refuse_faulty, text_of
from accounts.imports.wrong_cells import WrongCells
from accounts.models import Unit
from accounts.models.unit import CODE_LENGTH, listed_code, unit_code, unit_code_of
from kit.form_fields import DayField
from kit.sentence_parts import listed
from kit.tables import Line
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
KINDS = {
    "學校": UnitKind.SCHOOL,
    "幼兒園": UnitKind.KINDERGARTEN,
    "教育局處": UnitKind.COUNTY_OFFICE,
    "教育局處科室": UnitKind.COUNTY_SECTION,
    "中心": UnitKind.CENTRE,
    "鄉鎮市區公所": UnitKind.TOWN_OFFICE,
    "社教館所": UnitKind.SOCIAL_EDUCATION,
    "教師會": UnitKind.TEACHERS_ASSOCIATION,
    "立案團體": UnitKind.REGISTERED_BODY,
    "大專校院": UnitKind.UNIVERSITY,
    "教育部": UnitKind.MINISTRY,
    "平臺管理單位": UnitKind.OPERATOR,
}
# Words of the pages for those of the lists.
SYNONYMS = {"縣市教育局處": "教育局處"}
SCHOOL_TYPES = {
    "國立": SchoolType.NATIONAL,
    "公立": SchoolType.PUBLIC,
    "私立": SchoolType.PRIVATE,
    "非營利": SchoolType.NON_PROFIT,
}
# 桃園縣 became 桃園市 in 2014, and older lists still have 縣.
RENAMED = {"桃園縣": "桃園市", "臺北縣": "新北市", "臺中縣": "臺中市", "臺南縣": "臺南市", "高雄縣": "高雄市"}
# Column of the file → field of the unit. Columns that a file lacks leave the field as it is.
FIELDS = {
    "學校名稱": "name",
    "鄉鎮市區": "district",
    "地址": "address",
    "電話": "phone",
    "網址": "website",
    "聯絡人": "contact_name",
    "聯絡信箱": "contact_mail",
}
LEVEL, KIND, TYPE, PARENT, SINCE = "學校級別", "類別", "設立別", "上級單位", "起日"
OPTIONAL = [*[column for column in FIELDS if column not in NEEDED], KIND, TYPE, PARENT, SINCE]
COLUMNS = {
    **{name: column for column, name in FIELDS.items()},
    "county": "縣市名稱",
    "kind": KIND,
    "school_type": TYPE,
    "parent": PARENT,
    "since": SINCE,
}
Facts = dict[str, Any]
# Code and level of a unit.
Key = tuple[str, str]
_DAYS = DayField(required=False)


def county_name(text: str) -> str:
    """臺 for 台, and today's name for one that has been renamed."""
    name = fold(text)
    return RENAMED.get(name, name)


def facts_of(line: Line) -> Facts:
    """Return the facts of a row: the county by its name (empty: of the nation), the parent by its code.

    Raise RowRefused with every wrong cell.
    """
    refuse_faulty(line)
    wrong = WrongCells(line.cells)
    take = wrong.take
    kind = take(_chosen, line, KIND, KINDS)
    facts: Facts = {
        "code": take(_code, line),
        "level": take(_level, line, kind),
        "county": take(_county, line, kind),
    }
    if kind:
        facts["kind"] = kind
        take(_refuse_misfit, line, kind, facts["level"])
    if TYPE in line.cells:
        facts["school_type"] = take(_chosen, line, TYPE, SCHOOL_TYPES) or ""
    if PARENT in line.cells:
        facts["parent"] = listed_code(line[PARENT])
    if SINCE in line.cells:
        facts["since"] = take(_day, line[SINCE])
    for column, name in FIELDS.items():
        if column in line.cells:
            facts[name] = take(_checked, column, name, line[column])
    wrong.refuse()
    return facts


def _code(line: Line) -> str:
    code = unit_code_of(line["學校代碼"])
    if not cast("re.Pattern[str]", unit_code.regex).match(code):
        raise RowRefused("學校代碼", _not_a_code(code), code)
    return code


def _not_a_code(code: str) -> str:
    if code.isdigit() and len(code) < CODE_LENGTH:
        return (
            _(
                "“%s” is not a code of six digits or letters; where a spreadsheet dropped zeros in front, put them back"
            )
            % code
        )
    return _("“%s” is not a code of six digits or letters") % code[:20]


def kind_of(facts: Facts) -> str:
    """The kind of a new unit: that of the file, or what its level says."""
    by_level = UnitKind.KINDERGARTEN if facts["level"] == UnitLevel.PRESCHOOL else UnitKind.SCHOOL
    return str(facts.get("kind") or by_level)


def _level(line: Line, kind: str | None) -> str:
    """Return the level, which some kinds lack. The kind is None while its own cell is wrong: then an empty level may be right."""
    level = LEVELS.get(line[LEVEL])
    if level is None and not line[LEVEL] and kind not in ("", UnitKind.SCHOOL):
        level = UnitLevel.PRESCHOOL if kind == UnitKind.KINDERGARTEN else UnitLevel.NONE
    if level is None:
        raise RowRefused(LEVEL, _("unknown level; known are %s") % listed(LEVELS), line[LEVEL])
    return level


def _refuse_misfit(line: Line, kind: str, level: str | None) -> None:
    """Raise RowRefused for a level that units of the kind cannot have."""
    if level is not None and not level_fits(kind, level):
        raise RowRefused(LEVEL, LevelDiffers().message, line[LEVEL])


def level_not_offered(level: str) -> RowRefused:
    """Return the refusal of a new unit whose level is not offered today."""
    label = UnitLevel(level).label
    return RowRefused(LEVEL, LevelNotOffered(level=label).message, str(label))


def _county(line: Line, kind: str | None) -> str:
    """Return the county, which units of the nation lack. The kind is None while its own cell is wrong."""
    county = county_name(line["縣市名稱"])
    if county not in COUNTIES and (county or not (kind is None or kind in NATIONAL_KINDS)):
        raise RowRefused("縣市名稱", _("“%s” is not a county") % county[:20], county)
    return county


def _chosen(line: Line, column: str, choices: dict[str, Any]) -> str:
    """Return the value of a word of a list; empty where the cell is empty or the column missing."""
    text = fold(line[column]) if column in line.cells else ""
    word = "".join(text.translate({ord(c): None for c in "（）() "}))
    word = SYNONYMS.get(word, word)
    if text and word not in choices:
        raise RowRefused(column, _("unknown; known are %s") % listed(choices), text)
    return str(choices[word]) if text else ""


def _day(text: str) -> Any:
    try:
        return _DAYS.clean(text)
    except ValidationError as error:
        raise RowRefused(SINCE, error.messages[0], text) from None


def _checked(column: str, name: str, value: str) -> str:
    most = cast("models.CharField[str, str]", Unit._meta.get_field(name)).max_length or 0
    text_of(column, value, most)
    if name == "contact_mail" and value:
        try:
            validate_email(value)
        except ValidationError as error:
            raise RowRefused(column, error.messages[0], value) from None
    if name == "name" and not value:
        raise RowRefused(column, _("the name is missing"))
    return value
