"""Reading tables as schools send them: XLSX, ODS, and CSV with any usual separator, a title above the heading, or on the second sheet.

Anything else is refused with a sentence that names what was found. Rows are never guessed: one that is longer or shorter than
the heading carries a `problem`, as its cells would be in the wrong columns.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext

from kit.tables.csv_reading import SAMPLE, csv_sheet
from kit.tables.file_check import ZIP, check_file
from kit.tables.headings import Heading, Sheet, find_heading, heading_name
from kit.tables.limits import UnreadableTable
from kit.tables.spreadsheet_reading import spreadsheet_sheets


@dataclass(frozen=True)
class Line:
    """One row of a table: its line number in the file and its cells by column name.

    `problem`: the row has another length than the heading; `extra` are the cells that have no column.
    """

    number: int
    cells: dict[str, str]
    problem: str = ""
    extra: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(heading_name(column), "")


@dataclass(frozen=True)
class Table:
    """An opened table. `lines` are read on demand; `most` is never less than their number."""

    columns: list[str]
    lines: Iterator[Line]
    most: int


def read_table(path: str | Path, needed: Iterable[str] = ()) -> list[Line]:
    """All rows of a CSV, XLSX or ODS file. Raise UnreadableTable, MissingColumns."""
    return list(open_table(path, needed).lines)


def open_table(path: str | Path, needed: Iterable[str] = ()) -> Table:
    """The rows one by one: a CSV of any length takes no memory, a spreadsheet is held as its sheet.

    The heading is the first row with all columns `needed`, or without any the first with two cells. Raise UnreadableTable and its
    subclasses, MissingColumns; a CSV that breaks further down raises UnreadableTable when its rows are read.
    """
    path, wanted = Path(path), list(needed)
    try:
        with path.open("rb") as file:
            check_file(file)
            start = file.read(SAMPLE)
    except OSError as error:
        raise UnreadableTable(why=error.strerror or str(error)) from None
    sheets = spreadsheet_sheets(path) if start.startswith(ZIP) else iter([csv_sheet(path, start, wanted)])
    sheet, heading = find_heading(sheets, wanted)
    return Table(heading.names, _lines(sheet, heading), max(sheet.most - heading.line, 0))


def _lines(sheet: Sheet, heading: Heading) -> Iterator[Line]:
    keys = heading.keys
    last = max((n for n, key in enumerate(keys, 1) if key), default=0)
    for number, cells in sheet.rows:
        if not any(cells):
            continue
        extra = tuple(cells[last:])
        problem = ""
        if not sheet.name and (len(cells) < last or any(extra)):
            problem = gettext(
                "the row has %(found)s cells, the heading %(needed)s: a comma inside a text needs quotation marks, and an empty cell "
                "its comma"
            ) % {"found": len(cells), "needed": last}
        yield Line(number, dict(zip(keys[:last], cells, strict=False)), problem, extra if any(extra) else ())
