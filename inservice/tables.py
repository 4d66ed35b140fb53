"""Tables in and out: CSV, XLSX and ODS, with the cares that school tools need (docs/adr/0003-tables.md).

Reading answers text cells with their line numbers. Writing keeps every cell inert (no formula), on one line, and text as text.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import python_calamine
import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from inservice.errors import Refusal

FORMATS = ("ods", "xlsx", "csv")
TYPES = {
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
Cell = object
Row = Sequence[Cell]


class UnreadableTable(Refusal):
    sentence = _("The file cannot be read as a table: %(why)s")
    field = "file"
    status = 400


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


def read_table(path: str | Path, needed: Iterable[str] = ()) -> list[Line]:
    """All rows of a CSV (UTF-8 with or without BOM), XLSX or ODS file. Raises UnreadableTable, MissingColumns."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableTable(why=error.strerror or str(error)) from None
    if len(data) > MAX_BYTES:
        raise UnreadableTable(why=_("it is larger than 50 MB."))
    rows = _read_zip(data) if data[:2] == b"PK" else _read_csv(data)
    heading = next(rows, None)
    if heading is None:
        raise UnreadableTable(why=_("it is empty."))
    names = [name.strip() for name in heading[1]]
    missing = [name for name in needed if name not in names]
    if missing:
        raise MissingColumns(columns="、".join(missing))
    return [Line(number, dict(zip(names, cells, strict=False))) for number, cells in rows if any(cells)]


def _read_csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTable(why=_("it is not UTF-8. Save it again as “CSV UTF-8”.")) from None
    if "\0" in text:
        raise UnreadableTable(why=_("it contains NUL bytes."))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UnreadableTable(why=f"{reader.line_num}: {error}") from None


def _read_zip(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableTable(why=_("it is too large when unpacked."))
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    except (zipfile.BadZipFile, python_calamine.CalamineError, IndexError, OSError) as error:
        raise UnreadableTable(why=str(error)) from None
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), 1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: Cell) -> str:
    """Numbers come as floats: 134526.0 is the code 134526."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def inert(cell: Cell) -> str:
    """One line of text that no spreadsheet takes for a formula; plain numbers stay as they are."""
    text = " ".join(str("" if cell is None else cell).split())
    if text[:1] in ("=", "+", "-", "@") and not _is_number(text):
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


def xlsx_bytes(header: Row, rows: Iterable[Row]) -> bytes:
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet()
    for index, row in enumerate([header, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(index, column, " ".join(str("" if cell is None else cell).split()))
    book.close()
    return out.getvalue()


_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="%s"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
) % TYPES["ods"]
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'office:version="1.3"><office:body><office:spreadsheet><table:table table:name="1">'
)
_ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"


def ods_bytes(header: Row, rows: Iterable[Row]) -> bytes:
    """ODF (CNS15251): every cell a string."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), TYPES["ods"])
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
        body = "".join(_ods_row(row) for row in [header, *rows])
        archive.writestr("content.xml", _ODS_HEAD + body + _ODS_TAIL)
    return out.getvalue()


def _ods_row(row: Row) -> str:
    cells = (" ".join(str("" if cell is None else cell).split()) for cell in row)
    body = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row>{body}</table:table-row>"


def download(name: str, fmt: str, header: Row, rows: Iterable[Row]) -> HttpResponse | StreamingHttpResponse:
    """A file to keep, named `name`.`fmt`; CSV is streamed. KeyError for a format that is not offered."""
    response: HttpResponse | StreamingHttpResponse
    if fmt == "csv":
        response = StreamingHttpResponse(csv_lines(header, rows), content_type=TYPES[fmt])
    else:
        made = {"xlsx": xlsx_bytes, "ods": ods_bytes}[fmt](header, rows)
        response = HttpResponse(made, content_type=TYPES[fmt])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{fmt}") or "attachment"
    return response
