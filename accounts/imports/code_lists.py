"""A file of a list that people choose from: read as a whole, with a sentence for each cell that is wrong."""

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
from accounts.imports.wrong_cells import WrongCells
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
    """What a file says: the rows that can be taken, and the wrong cells of the refused ones with their reasons."""

    rows: list[Written] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read(path: Path, kept: CodeList) -> Reading:
    """Read a file against the list as it is. Raise UnreadableTable, MissingColumns."""
    found, seen = Reading(), dict[str, int]()
    rows = kept.model._default_manager.all()
    known = {row.code: row for row in (rows.select_related("parent") if kept.is_tree else rows)}
    for line in read_table(path, NEEDED):
        try:
            row = _row(line, kept, known, seen)
        except RowRefused as error:
            found.refused += Refused.of(line.number, error)
        else:
            seen[row.code] = line.number
            found.rows.append(row)
    return found


def _row(line: Line, kept: CodeList, known: Mapping[str, Any], seen: Mapping[str, int]) -> Written:
    """Return a row with what is stored where the file has no such column. Raise RowRefused with every wrong cell."""
    refuse_faulty(line)
    wrong = WrongCells(line.cells)
    take = wrong.take
    code, name = take(_code, line, seen), take(_name, line)
    stored = known.get(code)
    parent = take(_parent, line, kept, known, seen, stored)
    was = Entry.of(stored) if stored else Entry(name)
    first = take(_day, line, FROM) if FROM in line.cells else was.valid_from
    last = take(_day, line, UNTIL) if UNTIL in line.cells else was.valid_until
    order = take(_order, line) if ORDER in line.cells else was.order
    if kept.is_fixed and code and name and (stored is None or stored.name != name):
        wrong.add(RowRefused(NAME, EntriesFixed().message, name))
    if first and last and last < first:
        wrong.add(RowRefused(UNTIL, _("The last day lies before the first."), line[UNTIL]))
    wrong.refuse()
    return Written(line.number, code, Entry(name, order, first, last), parent)


def _code(line: Line, seen: Mapping[str, int]) -> str:
    code = tidy_line(line[CODE])
    if not _CODE.fullmatch(code):
        raise RowRefused(CODE, _("Letters, digits, - and _ only, please."), code)
    if code in seen:
        raise RowRefused(CODE, _("The code is on line %s already.") % seen[code], code)
    return code


def _name(line: Line) -> str:
    name = tidy_line(line[NAME])
    if not name or len(name) > 60:
        raise RowRefused(NAME, _("A name of 1 to 60 characters is needed."), name[:60])
    return name


def _parent(
    line: Line, kept: CodeList, known: Mapping[str, Any], seen: Mapping[str, int], stored: Any
) -> str:
    """Return the code of the entry above, which stays that of the stored entry, if any."""
    parent = tidy_line(line[PARENT])
    if parent and not kept.is_tree:
        raise RowRefused(PARENT, _("This list has one step only."), parent)
    if parent and parent not in known and parent not in seen:
        raise RowRefused(PARENT, _("There is no entry with this code above this line."), parent)
    if stored and kept.is_tree and PARENT in line.cells:
        _refuse_moved(stored, parent)
    return parent


def _refuse_moved(stored: Any, parent: str) -> None:
    """Raise RowRefused for an entry that would be below another one than so far."""
    if parent == (stored.parent.code if stored.parent else ""):
        return
    if stored.parent:
        sentence = _("An entry keeps its place in the tree: this one is below %s.") % stored.parent.code
    else:
        sentence = _("An entry keeps its place in the tree: this one is on the first step.")
    raise RowRefused(PARENT, sentence, parent)


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
