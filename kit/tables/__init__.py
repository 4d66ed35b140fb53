"""Tables in and out: CSV, XLSX and ODS, with the cares that school tools need (docs/adr/0003-tables.md).

Reading is `kit.tables.reading`. Writing keeps every cell inert (no formula), on one line, numbers as numbers and text as
text; spreadsheets are written by `kit.tables.spreadsheets`.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.http import HttpResponse, StreamingHttpResponse

from kit.response_headers import as_file
from kit.tables.file_check import check_file
from kit.tables.headings import MissingColumns
from kit.tables.limits import UnreadableTable
from kit.tables.reading import Line, Table, open_table, read_table
from kit.tables.spreadsheets import ODS, SPOOL, Cell, Row, TooManyRows, plain, write_ods, write_xlsx

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

    `name` is what a spreadsheet calls its sheet. Raise KeyError for an unknown format, TooManyRows.
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
    return as_file(response, f"{name}.{fmt}")
