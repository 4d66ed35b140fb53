"""Tables in and out: CSV, XLSX and ODS, with the cares that school tools need (docs/adr/0003-tables.md).

Reading answers text cells with their line numbers. Writing keeps every cell inert (no formula), on one line, numbers as numbers and text as
text; spreadsheets are written by `inservice.spreadsheets`.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from inservice import table_limits
from inservice.errors import Refusal
from inservice.spreadsheets import ODS, SPOOL, Cell, Row, TooManyRows, plain, write_ods, write_xlsx
from inservice.table_limits import UnreadableTable
from inservice.texts import tidy

__all__ = [
    "FORMATS", "SPOOL", "TYPES", "Cell", "Line", "MissingColumns", "Row", "Table", "TooManyRows", "UnreadableTable", "check_file",
    "csv_lines", "download", "inert", "ods_bytes", "open_table", "read_table", "write", "xlsx_bytes",
]  # fmt: skip
FORMATS = ("ods", "xlsx", "csv")
TYPES = {
    "ods": ODS,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
# Office files shrink five- to thirtyfold; what shrinks more is made to fill a memory. Small ones may.
MAX_RATIO = 120
SMALL = 20 * 1024 * 1024
ZIP = b"PK"
LONGEST_LINE = 500_000


class MissingColumns(Refusal):
    sentence = _("The table lacks the columns %(columns)s.")
    field = "file"
    status = 400


@dataclass(frozen=True)
class Line:
    """One row of a table: its line number in the file (the heading is line 1) and its cells by column name."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """An opened table. `lines` are read as they are asked for; `most` is never less than their number."""

    columns: list[str]
    lines: Iterator[Line]
    most: int


def read_table(path: str | Path, needed: Iterable[str] = ()) -> list[Line]:
    """All rows of a CSV (UTF-8 with or without BOM), XLSX or ODS file. Raises UnreadableTable, MissingColumns."""
    return list(open_table(path, needed).lines)


def open_table(path: str | Path, needed: Iterable[str] = ()) -> Table:
    """The rows one by one: a CSV of any length takes no memory, a spreadsheet is held as its sheet.

    Raises UnreadableTable, MissingColumns; a CSV that breaks further down raises UnreadableTable when its rows are read.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            check_file(file)
            start = file.read(2)
    except OSError as error:
        raise UnreadableTable(why=error.strerror or str(error)) from None
    rows, most = _open_zip(path) if start == ZIP else (_read_csv(path), _count_lines(path))
    heading = next(rows, None)
    if heading is None:
        raise UnreadableTable(why=_("it is empty."))
    names = [name.strip() for name in heading[1]]
    missing = [name for name in needed if name not in names]
    if missing:
        raise MissingColumns(columns="、".join(missing))
    lines = (Line(number, dict(zip(names, cells, strict=False))) for number, cells in rows if any(cells))
    return Table(names, lines, max(most - 1, 0))  # without the heading


def check_file(file: BinaryIO) -> None:
    """Refuse a file that is too large, packed or unpacked, without unpacking it. Raises UnreadableTable."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_BYTES:
        raise UnreadableTable(why=_("it is larger than 50 MB."))
    if file.read(2) == ZIP:
        table_limits.check_directory(file)
        try:
            with zipfile.ZipFile(file) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise UnreadableTable(why=str(error)) from None
        if unpacked > MAX_UNPACKED or unpacked > max(size * MAX_RATIO, SMALL):
            raise UnreadableTable(why=_("it is too large when unpacked."))
    file.seek(0)


def _count_lines(path: Path) -> int:
    """The lines of a text file: no fewer than its rows."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count, last = count + block.count(b"\n"), block[-1:]
    return count + (last != b"\n")


def _read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(_without_nul(file), strict=True)
        size = table_limits.Size()
        try:
            for number, cells in enumerate(reader, 1):
                size.hold(number, len(cells))
                yield reader.line_num, [tidy(cell) for cell in cells]
        except UnicodeDecodeError:
            raise UnreadableTable(why=_("it is not UTF-8. Save it again as “CSV UTF-8”.")) from None
        except csv.Error as error:
            raise UnreadableTable(why=f"{reader.line_num}: {error}") from None


def _without_nul(file: TextIO) -> Iterator[str]:
    while text := file.readline(LONGEST_LINE):
        if len(text) == LONGEST_LINE:
            raise UnreadableTable(why=_("it has a line of more than %s characters.") % f"{LONGEST_LINE:,}")
        if "\0" in text:
            raise UnreadableTable(why=_("it contains NUL bytes."))
        yield text


def _open_zip(path: Path) -> tuple[Iterator[tuple[int, list[str]]], int]:
    import python_calamine  # here, as most processes never read a spreadsheet

    with path.open("rb") as file:
        table_limits.check_spreadsheet(file)
    try:
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (zipfile.BadZipFile, python_calamine.CalamineError, IndexError, OSError) as error:
        raise UnreadableTable(why=str(error)) from None
    # `iter_rows` leaves out the empty rows above the first cell; line numbers count them.
    above = sheet.start[0] if sheet.start else 0
    rows = (
        (number, [_text(cell) for cell in cells]) for number, cells in enumerate(sheet.iter_rows(), above + 1)
    )
    return rows, sheet.total_height


def _text(cell: Cell) -> str:
    """Numbers come as floats: 134526.0 is the code 134526."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return tidy(str(cell))


def inert(cell: Cell) -> str:
    """One line of text that no spreadsheet takes for a formula; plain numbers stay as they are."""
    text = plain(cell)
    # Full-width signs begin a formula in the spreadsheets of this region too.
    if unicodedata.normalize("NFKC", text[:1]) in ("=", "+", "-", "@") and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    """A CSV file line by line, with the BOM that spreadsheets need for Chinese; memory does not grow with the rows."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([inert(cell) for cell in header])
    for row in rows:
        yield writer.writerow([inert(cell) for cell in row])


def write(out: BinaryIO, fmt: str, header: Row, rows: Iterable[Row], *, name: str = "") -> int:
    """Write a table to an open file and return the number of its rows; memory does not grow with them.

    `name` is what a spreadsheet calls its sheet. Raises KeyError for an unknown format, TooManyRows.
    """
    counted = _Counted(rows)
    {"csv": _write_csv, "xlsx": write_xlsx, "ods": write_ods}[fmt](out, name, header, counted)
    return counted.number


class _Counted:
    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row


def _write_csv(out: BinaryIO, name: str, header: Row, rows: Iterable[Row]) -> None:
    for line in csv_lines(header, rows):
        out.write(line.encode())


def xlsx_bytes(header: Row, rows: Iterable[Row], name: str = "") -> bytes:
    out = io.BytesIO()
    write_xlsx(out, name, header, rows)
    return out.getvalue()


def ods_bytes(header: Row, rows: Iterable[Row], name: str = "") -> bytes:
    out = io.BytesIO()
    write_ods(out, name, header, rows)
    return out.getvalue()


def download(name: str, fmt: str, header: Row, rows: Iterable[Row]) -> HttpResponse | StreamingHttpResponse:
    """A file to keep, named `name`.`fmt`; CSV is streamed. KeyError for a format that is not offered."""
    response: HttpResponse | StreamingHttpResponse
    if fmt == "csv":
        response = StreamingHttpResponse(csv_lines(header, rows), content_type=TYPES[fmt])
    else:
        made = {"xlsx": xlsx_bytes, "ods": ods_bytes}[fmt](header, rows, name)
        response = HttpResponse(made, content_type=TYPES[fmt])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{fmt}") or "attachment"
    return response
