"""Reading tables as schools send them: XLSX, ODS, and CSV with any usual separator, a title above the heading, or on the second sheet.

What is not understood is refused with a sentence that says what was found. Nothing is guessed about a row: one that is longer or shorter
than the heading carries a `fault`, as its cells would stand under the wrong names.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.tables import limits
from kit.tables.limits import UnreadableTable
from kit.texts import tidy

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
# Office files shrink five- to thirtyfold; what shrinks more is made to fill a memory. Small ones may.
MAX_RATIO = 120
SMALL = 20 * 1024 * 1024
ZIP = b"PK"
LONGEST_LINE = 500_000
# The heading is looked for in so many rows: a title, a date and a remark may stand above it.
SEARCHED = 20
SAMPLE = 1 << 16
SEPARATORS = (",", ";", "\t", "|")
OTHER_KINDS = (
    (
        rb"\xd0\xcf\x11\xe0",
        _("it is an old Excel file (.xls), or one with a password. Save it as XLSX without a password."),
    ),
    (rb"%PDF", _("it is a PDF. Send the table it was made from.")),
    (
        rb"\s*<(?:!doctype|html|table|\?xml)",
        _("it is a web page and no table. Open it in a spreadsheet and save it as XLSX."),
    ),
)
UTF16 = (b"\xff\xfe", b"\xfe\xff")
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


@dataclass(frozen=True)
class Line:
    """One row of a table: its line number in the file and its cells by column name.

    `fault` says that the row has another length than the heading; `extra` are the cells that have no column.
    """

    number: int
    cells: dict[str, str]
    fault: str = ""
    extra: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(heading_name(column), "")


@dataclass(frozen=True)
class Table:
    """An opened table. `lines` are read as they are asked for; `most` is never less than their number."""

    columns: list[str]
    lines: Iterator[Line]
    most: int


@dataclass
class _Sheet:
    """Rows with their numbers. `name` is empty for a CSV, where a row may have any length."""

    name: str
    rows: Iterator[Numbered]
    most: int


@dataclass(frozen=True)
class _Heading:
    line: int
    names: list[str]

    @property
    def keys(self) -> list[str]:
        return [heading_name(name) for name in self.names]


def read_table(path: str | Path, needed: Iterable[str] = ()) -> list[Line]:
    """All rows of a CSV, XLSX or ODS file. Raises UnreadableTable, MissingColumns."""
    return list(open_table(path, needed).lines)


def open_table(path: str | Path, needed: Iterable[str] = ()) -> Table:
    """The rows one by one: a CSV of any length takes no memory, a spreadsheet is held as its sheet.

    The heading is the first row with all columns `needed`, or without any the first with two cells. Raises UnreadableTable and its
    subclasses, MissingColumns; a CSV that breaks further down raises UnreadableTable when its rows are read.
    """
    path, wanted = Path(path), list(needed)
    try:
        with path.open("rb") as file:
            check_file(file)
            start = file.read(SAMPLE)
    except OSError as error:
        raise UnreadableTable(why=error.strerror or str(error)) from None
    sheets = _sheets(path) if start.startswith(ZIP) else iter([_csv_sheet(path, start, wanted)])
    sheet, heading = _find(sheets, wanted)
    return Table(heading.names, _lines(sheet, heading), max(sheet.most - heading.line, 0))


@lru_cache(maxsize=1000)
def heading_name(text: str) -> str:
    """A heading as it is compared: half width, without blanks (`姓　名`)."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _find(sheets: Iterator[_Sheet], wanted: Sequence[str]) -> tuple[_Sheet, _Heading]:
    """The sheet that holds the table, with its heading taken off."""
    found: list[tuple[_Sheet, _Heading]] = []
    best: _Heading | None = None
    for sheet in sheets:
        above = list(islice(sheet.rows, SEARCHED))
        index = _index(above, wanted)
        if index is None:
            best = _better(best, above, wanted)
            continue
        line, names = above[index]
        found.append((sheet, _Heading(line, names)))
        sheet.rows = chain(above[index + 1 :], sheet.rows)
        if not wanted:
            break
    if not found:
        _refuse_missing(best, wanted)
    if len(found) > 1:
        raise TwoTables(sheets="、".join(sheet.name for sheet, _heading in found))
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


def _better(best: _Heading | None, rows: Sequence[Numbered], wanted: Sequence[str]) -> _Heading | None:
    """The row that is most like the heading: what the refusal tells."""
    needed = {heading_name(name) for name in wanted}
    for line, row in rows:
        if any(row) and (best is None or _matches(row, needed) > _matches(best.names, needed)):
            best = _Heading(line, row)
    return best


def _matches(row: Sequence[str], needed: set[str]) -> tuple[int, bool]:
    return len(needed & set(map(heading_name, row))), sum(map(bool, row)) > 1


def _refuse_missing(best: _Heading | None, wanted: Sequence[str]) -> None:
    if best is None:
        raise UnreadableTable(why=_("it is empty."))
    missing = [name for name in wanted if heading_name(name) not in best.keys]
    found = "、".join(name for name in best.names if name)[:200]
    raise MissingColumns(columns="、".join(missing), line=best.line, found=found)


def _refuse_double(heading: _Heading) -> None:
    keys = heading.keys
    double = {key: None for key in keys if key and keys.count(key) > 1}
    if double:
        raise DoubleHeading(line=heading.line, columns="、".join(double))


def _lines(sheet: _Sheet, heading: _Heading) -> Iterator[Line]:
    keys = heading.keys
    last = max((n for n, key in enumerate(keys, 1) if key), default=0)
    for number, cells in sheet.rows:
        if not any(cells):
            continue
        extra = tuple(cells[last:])
        fault = ""
        if not sheet.name and (len(cells) < last or any(extra)):
            fault = gettext(
                "the row has %(found)s cells, the heading %(needed)s: a comma inside a text needs quotation marks, and an empty cell "
                "its comma"
            ) % {"found": len(cells), "needed": last}
        yield Line(number, dict(zip(keys[:last], cells, strict=False)), fault, extra if any(extra) else ())


def check_file(file: BinaryIO) -> None:
    """Refuse a file of another kind, or too large, packed or unpacked, without unpacking it. Raises UnreadableTable."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_BYTES:
        raise UnreadableTable(why=_("it is larger than 50 MB."))
    start = file.read(512)
    for pattern, sentence in OTHER_KINDS:
        if re.match(pattern, start, re.IGNORECASE):
            raise UnreadableTable(why=sentence)
    file.seek(2)
    if start.startswith(ZIP):
        limits.check_directory(file)
        try:
            with zipfile.ZipFile(file) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise UnreadableTable(why=str(error)) from None
        if unpacked > MAX_UNPACKED or unpacked > max(size * MAX_RATIO, SMALL):
            raise UnreadableTable(why=_("it is too large when unpacked."))
    file.seek(0)


# --- CSV --------------------------------------------------------------------------------------------------------------
def _csv_sheet(path: Path, start: bytes, wanted: Sequence[str]) -> _Sheet:
    encoding = "utf-16" if start.startswith(UTF16) else "utf-8-sig"
    separator = _separator(start.decode(encoding, "replace"), wanted)
    return _Sheet("", _read_csv(path, encoding, separator), _count_lines(path))


def _separator(sample: str, wanted: Sequence[str]) -> str:
    """The separator under which the heading is found, or else under which the first rows have most cells."""
    needed = {heading_name(name) for name in wanted}

    def score(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        rows: list[list[str]] = []
        with suppress(csv.Error):  # the reading itself tells where
            rows.extend(islice(reader, SEARCHED))
        return max((_matches(row, needed)[0] for row in rows), default=0), max(map(len, rows), default=0)

    return max(SEPARATORS, key=score)


def _read_csv(path: Path, encoding: str, separator: str) -> Iterator[Numbered]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_without_nul(file), strict=True, delimiter=separator)
        size = limits.Size()
        try:
            for number, cells in enumerate(reader, 1):
                size.hold(number, len(cells))
                yield reader.line_num, [_cell(cell) for cell in cells]
        except UnicodeError:
            raise UnreadableTable(why=_foreign(path)) from None
        except csv.Error as error:
            raise UnreadableTable(why=f"{reader.line_num}: {error}") from None


def _cell(text: str) -> str:
    """The apostrophe before a sign that begins a formula is ours (`kit.tables.inert`), and no part of the text."""
    text = tidy(text)
    if text[:1] == "'" and unicodedata.normalize("NFKC", text[1:2]) in ("=", "+", "-", "@"):
        return text[1:]
    return text


def _foreign(path: Path) -> object:
    """What a text file is that is no UTF-8: most often Excel's own CSV, in Big5."""
    with path.open("rb") as file:
        data = file.read(SAMPLE)
    for cut in range(2):
        try:
            data[: len(data) - cut].decode("cp950")
        except UnicodeDecodeError:
            continue
        return _("it is written in Big5, as Excel's plain “CSV” is. Save it again as “CSV UTF-8” or XLSX.")
    return _("it is not UTF-8. Save it again as “CSV UTF-8”.")


def _without_nul(file: TextIO) -> Iterator[str]:
    while text := file.readline(LONGEST_LINE):
        if len(text) == LONGEST_LINE:
            raise UnreadableTable(why=_("it has a line of more than %s characters.") % f"{LONGEST_LINE:,}")
        if "\0" in text:
            raise UnreadableTable(why=_("it contains NUL bytes."))
        yield text


def _count_lines(path: Path) -> int:
    """The lines of a text file: no fewer than its rows."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count, last = count + block.count(b"\n"), block[-1:]
    return count + (last != b"\n")


# --- Spreadsheets -----------------------------------------------------------------------------------------------------
def _sheets(path: Path) -> Iterator[_Sheet]:
    import python_calamine  # here, as most processes never read a spreadsheet

    with path.open("rb") as file:
        limits.check_spreadsheet(file)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            # `iter_rows` leaves out the empty rows above the first cell; line numbers count them.
            above = sheet.start[0] if sheet.start else 0
            numbered = enumerate(sheet.iter_rows(), above + 1)
            yield _Sheet(
                name, ((n, [_text(cell) for cell in cells]) for n, cells in numbered), sheet.total_height
            )
    except (zipfile.BadZipFile, python_calamine.CalamineError, IndexError, OSError) as error:
        raise UnreadableTable(why=str(error)) from None


def _text(cell: object) -> str:
    """Numbers come as floats: 134526.0 is the code 134526."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return tidy(str(cell))
