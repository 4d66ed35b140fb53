"""The Chinese words of the files of units, people and lists, each with what it means for a reader of another language."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import SchoolType, UnitKind, UnitLevel
from accounts.imports import code_lists, days_off, people_lines, unit_lines
from kit.sentence_parts import is_chinese

Pairs = list[tuple[str, str]]

_COLUMNS: dict[str, str | Promise] = {
    "學校代碼": _("Code"),
    "學校名稱": _("Name"),
    "縣市名稱": _("County"),
    "學校級別": _("Level"),
    "鄉鎮市區": _("Town"),
    "地址": _("Address"),
    "電話": _("Telephone"),
    "網址": _("Website"),
    "聯絡人": _("Contact"),
    "聯絡信箱": _("Contact's mailbox"),
    "類別": _("Kind"),
    "設立別": _("Run by"),
    "上級單位": _("Code of the parent unit"),
    "起日": _("First day"),
    "姓名": _("Name"),
    "身分證字號": _("National ID"),
    "電子郵件": _("E-mail"),
    "職稱": _("Job title"),
    "角色": _("Role"),
    people_lines.PASSPORT: _("Passport number"),
    people_lines.SAME: _("Same person"),
    days_off.DAY: _("Day"),
    days_off.NAME: _("Name"),
    days_off.COUNTY: _("County"),
    days_off.WORKDAY: _("People work on this day"),
    days_off.ENDED: _("Taken back"),
    code_lists.CODE: _("Code"),
    code_lists.PARENT: _("Code of the entry above"),
    code_lists.NAME: _("Name"),
    code_lists.ORDER: _("Order"),
    code_lists.FROM: _("Valid from"),
    code_lists.UNTIL: _("Valid until"),
}


def columns(names: Iterable[str]) -> Pairs:
    """Return the columns, each with its meaning; without one for a reader of Chinese."""
    return [(name, _meaning(_COLUMNS.get(name, ""))) for name in names]


def levels() -> Pairs:
    return [(word, _meaning(UnitLevel(value).label)) for word, value in unit_lines.LEVELS.items()]


def kinds() -> Pairs:
    return [(word, _meaning(UnitKind(value).label)) for word, value in unit_lines.KINDS.items()]


def school_types() -> Pairs:
    return [(word, _meaning(SchoolType(value).label)) for word, value in unit_lines.SCHOOL_TYPES.items()]


def roles() -> Pairs:
    known = ((word, people_lines.ROLES[word]) for word in people_lines.ROLE_WORDS)
    return [(word, _meaning(role.label if role else _("teacher"))) for word, role in known]


def _meaning(label: str | Promise) -> str:
    return "" if is_chinese() else str(label)
