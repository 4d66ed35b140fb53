"""One row of a file of people, checked by itself and against the rows above it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from accounts import identity
from accounts.enums import Role
from accounts.imports.earlier_lines import EarlierLines
from accounts.imports.report import RowRefused, refuse_faulty, text_of
from accounts.imports.unit_lines import LEVELS
from accounts.imports.wrong_cells import WrongCells
from accounts.models import Unit
from accounts.models.unit import listed_code
from kit.errors import Refusal
from kit.form_fields import NAME_WITH_NUMBER
from kit.masking import holds_number
from kit.sentence_parts import listed
from kit.tables import Line
from kit.texts import is_mailbox

NEEDED = ("姓名", "身分證字號", "電子郵件", "學校代碼", "職稱", "角色")
NUMBER, PASSPORT = "身分證字號", "護照號碼"
# The answer to the question whether a row with another name and another mailbox means the same person.
SAME = "同一人"
YES, NO = ("是", "y", "yes", "v", "✓"), ("", "否", "n", "no")
# 學校級別 is needed where two units share a code, 護照號碼 for people without a national or resident number.
OPTIONAL = ("學校級別", PASSPORT, SAME)
ROLES: dict[str, Role | None] = {
    "": None,
    "教師": None,
    "承辦人": Role.HANDLER,
    "業務承辦人": Role.HANDLER,
    "單位管理者": Role.UNIT_LEAD,
    "校內管理者": Role.UNIT_LEAD,
    "名冊管理": Role.ROSTER,
    "縣市承辦人": Role.COUNTY_OFFICER,
    "平臺管理者": Role.OPERATOR,
    "平台管理者": Role.OPERATOR,
}
# The words to write, one for each role that a file may give.
ROLE_WORDS = ("教師", "業務承辦人", "單位管理者", "名冊管理", "縣市承辦人")
Units = Mapping[str, list[Unit]]


@dataclass
class Person:
    """One checked row: a person, a unit, and what the person is there."""

    line: int
    name: str
    number: str
    passport: str
    email: str
    unit: Unit
    title: str
    role: Role | None
    same: bool = False

    @cached_property
    def hash(self) -> str | None:
        return identity.fingerprint(self.number) if self.number else None

    @cached_property
    def passport_hash(self) -> str | None:
        return identity.fingerprint(self.passport) if self.passport else None

    @property
    def key(self) -> str:
        """The key of the person within the file: the national ID, or else the passport."""
        return self.hash or self.passport_hash or ""

    @property
    def shown_number(self) -> str:
        return identity.masked(self.number or self.passport)


def read_row(line: Line, units: Units, earlier: EarlierLines) -> Person:
    """Return the person of a row, checked by itself and then against the rows above it. Raise RowRefused with every wrong cell."""
    refuse_faulty(line)
    wrong = WrongCells(line.cells)
    take = wrong.take
    name = take(_name, line)
    number = take(_number, line, NUMBER, identity.parse)
    passport = take(_number, line, PASSPORT, identity.parse_passport)
    if number == passport == "":
        wrong.add(_without_number())
    email, role = take(_email, line), take(_role, line)
    unit, title, same = (
        take(_unit, line, units),
        take(text_of, "職稱", line["職稱"], 40),
        take(is_marked, line, SAME),
    )
    wrong.refuse()
    person = Person(line.number, name, number, passport, email, unit, title, role, same)
    earlier.note(person)
    return person


def _name(line: Line) -> str:
    name = text_of("姓名", line["姓名"], 60)
    if not name:
        raise RowRefused("姓名", _("the name is missing"))
    if holds_number(name):
        raise RowRefused("姓名", str(NAME_WITH_NUMBER), name)
    return name


def _without_number() -> RowRefused:
    sentence = _("the national ID is missing; people without one are known by their passport (%s)") % PASSPORT
    return RowRefused(NUMBER, sentence)


def _email(line: Line) -> str:
    email = text_of("電子郵件", line["電子郵件"], 200).lower()
    if not is_mailbox(email):
        raise RowRefused("電子郵件", _("“%s” is not an e-mail address") % email[:60], email)
    return email


def _role(line: Line) -> Role | None:
    word = line["角色"]
    if word not in ROLES:
        raise RowRefused("角色", _("unknown role; known are %s") % listed(filter(None, ROLES)), word)
    return ROLES[word]


def is_marked(line: Line, column: str) -> bool:
    """Return whether a cell says yes. Raise RowRefused for one that says neither yes nor no."""
    if (answer := line[column].lower()) not in YES + NO:
        raise RowRefused(
            column, _("“%s” is no answer; write 是, or leave it empty") % line[column][:20], line[column]
        )
    return answer in YES


def _number(line: Line, column: str, parse_number: Callable[[str], str]) -> str:
    """The normalised number of a cell, which may be empty. What is no number is shown masked in every part."""
    if not line[column]:
        return ""
    try:
        return parse_number(line[column])
    except Refusal as refusal:
        raise RowRefused(column, refusal.message, identity.mask_cell(line[column])) from None


def _unit(line: Line, units: Units) -> Unit:
    found = units.get(listed_code(line["學校代碼"]), [])
    if len(found) > 1:
        level = LEVELS.get(line["學校級別"])
        named = [unit for unit in found if unit.level == level]
        if not named:
            levels = listed(text for text, value in LEVELS.items() if value in {u.level for u in found})
            sentence = _("several units share this code; give one of %s") % levels
            raise RowRefused("學校級別", sentence, line["學校級別"])
        return named[0]
    if not found:
        code = line["學校代碼"][:20]
        raise RowRefused("學校代碼", _("there is no unit of the code “%s”") % code, code)
    return found[0]
