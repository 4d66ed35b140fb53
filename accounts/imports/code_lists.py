"""A file of a list that people choose from: read as a whole, with a sentence for each row that cannot be taken."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actions.code_lists import Entry, Written
from accounts.code_lists import CodeList
from accounts.errors.code_lists import EntriesFixed
from accounts.imports.report import Refused, RowRefused, refuse_faulty
from kit.form_fields import DayField
from kit.tables import Line, read_table
from kit.texts import tidy_line

CODE, PARENT, NAME, ORDER, FROM, UNTIL = "代碼", "上層代碼", "名稱", "順序", "有效起日", "有效迄日"
HEADER = (CODE, PARENT, NAME, ORDER, FROM, UNTIL)
NEEDED = (CODE, NAME)
MOST_ROWS = 5000
_CODE = re.compile(r"[0-9A-Za-z_-]{1,20}")


@dataclass
class Reading:
    """What a file says: the rows that can be taken, and the refused ones with their reasons."""

    rows: list[Written] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read(path: Path, kept: CodeList) -> Reading:
    """Read a file against the list as it is. Raise UnreadableTable, MissingColumns."""
    found, seen = Reading(), dict[str, int]()
    known = dict(kept.model._default_manager.values_list("code", "name"))
    for line in read_table(path, NEEDED):
        try:
            row = _row(line, kept, known.keys() | seen.keys(), seen)
            if kept.is_fixed and known.get(row.code) != row.entry.name:
                raise RowRefused(NAME, EntriesFixed().message, row.entry.name)
        except RowRefused as error:
            found.refused.append(Refused.of(line.number, error))
        else:
            seen[row.code] = line.number
            found.rows.append(row)
    return found


def _row(line: Line, kept: CodeList, known: set[str], seen: Mapping[str, int]) -> Written:
    refuse_faulty(line)
    code, name, parent = (tidy_line(line[column]) for column in (CODE, NAME, PARENT))
    if not _CODE.fullmatch(code):
        raise RowRefused(CODE, _("Letters, digits, - and _ only, please."), code)
    if code in seen:
        raise RowRefused(CODE, _("The code is on line %s already.") % seen[code], code)
    if not name or len(name) > 60:
        raise RowRefused(NAME, _("A name of 1 to 60 characters is needed."), name[:60])
    if parent and not kept.is_tree:
        raise RowRefused(PARENT, _("This list has one step only."), parent)
    if parent and parent not in known:
        raise RowRefused(PARENT, _("There is no entry with this code above this line."), parent)
    first, last = (_day(line, column) for column in (FROM, UNTIL))
    if first and last and last < first:
        raise RowRefused(UNTIL, _("The last day lies before the first."), line[UNTIL])
    return Written(line.number, code, Entry(name, _order(line), first, last), parent)


def _day(line: Line, column: str) -> date | None:
    try:
        day: Any = DayField(required=False).clean(line[column])
    except ValidationError:
        raise RowRefused(column, _("This is no day. Write for example 115/8/1."), line[column]) from None
    return day or None


def _order(line: Line) -> int:
    text = line[ORDER].strip().removesuffix(".0")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise RowRefused(ORDER, _("A number from 0 to 9999, please."), text)
    return int(text or 100)
