"""Find the heading of a table: on the second sheet, or below a title, a date and a remark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.sentence_parts import listed
from kit.tables.limits import UnreadableTable
from kit.texts import without_blanks

# The heading is searched in so many rows: a title, a date and a remark may come before it.
SEARCHED = 20
Numbered = tuple[int, list[str]]


class MissingColumns(Refusal):
    sentence = _("The table lacks the columns %(columns)s. Found in line %(line)s: %(found)s.")
    field = "file"
    status = 400


class DoubleHeading(UnreadableTable):
    sentence = _("The heading in line %(line)s has %(columns)s twice: which of them counts?")


class TwoTables(UnreadableTable):
    sentence = _(
        "Several sheets hold such a table: %(sheets)s. Send one at a time, so that none is left out."
    )


@dataclass
class Sheet:
    """Rows with their numbers. `name` is empty for a CSV, where a row may have any length."""

    name: str
    rows: Iterator[Numbered]
    most: int


@dataclass(frozen=True)
class Heading:
    line: int
    names: list[str]

    @property
    def keys(self) -> list[str]:
        return [heading_name(name) for name in self.names]


@lru_cache(maxsize=1000)
def heading_name(text: str) -> str:
    """A heading as it is compared: half width, without blanks (`姓　名`)."""
    return without_blanks(text)


def find_heading(sheets: Iterator[Sheet], wanted: Sequence[str]) -> tuple[Sheet, Heading]:
    """The sheet that holds the table, with its heading taken off."""
    found: list[tuple[Sheet, Heading]] = []
    best: Heading | None = None
    for sheet in sheets:
        above = list(islice(sheet.rows, SEARCHED))
        index = _index(above, wanted)
        if index is None:
            best = _better(best, above, wanted)
            continue
        line, names = above[index]
        found.append((sheet, Heading(line, names)))
        sheet.rows = chain(above[index + 1 :], sheet.rows)
        if not wanted:
            break
    if not found:
        _refuse_missing(best, wanted)
    if len(found) > 1:
        raise TwoTables(sheets=listed(sheet.name for sheet, _heading in found))
    _refuse_double(found[0][1])
    return found[0]


def _index(rows: Sequence[Numbered], wanted: Sequence[str]) -> int | None:
    needed = {heading_name(name) for name in wanted}
    if needed:
        return next((n for n, (_l, row) in enumerate(rows) if needed <= set(map(heading_name, row))), None)
    filled = [sum(map(bool, row)) for _l, row in rows]
    return next(
        (n for n, count in enumerate(filled) if count > 1), next((n for n, c in enumerate(filled) if c), None)
    )


def _better(best: Heading | None, rows: Sequence[Numbered], wanted: Sequence[str]) -> Heading | None:
    """Return the row most similar to the heading, for the refusal."""
    needed = {heading_name(name) for name in wanted}
    for line, row in rows:
        if any(row) and (best is None or likeness(row, needed) > likeness(best.names, needed)):
            best = Heading(line, row)
    return best


def likeness(row: Sequence[str], needed: set[str]) -> tuple[int, bool]:
    return len(needed & set(map(heading_name, row))), sum(map(bool, row)) > 1


def _refuse_missing(best: Heading | None, wanted: Sequence[str]) -> None:
    if best is None:
        raise UnreadableTable(why=_("it is empty."))
    missing = [name for name in wanted if heading_name(name) not in best.keys]
    found = listed(name for name in best.names if name)[:200]
    raise MissingColumns(columns=listed(missing), line=best.line, found=found)


def _refuse_double(heading: Heading) -> None:
    keys = heading.keys
    double = {key: None for key in keys if key and keys.count(key) > 1}
    if double:
        raise DoubleHeading(line=heading.line, columns=listed(double))
