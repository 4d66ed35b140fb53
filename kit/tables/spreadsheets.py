"""Writing XLSX and ODS: numbers as numbers, codes as text, the heading bold and frozen, columns as wide as their words.

Memory does not grow with the rows. A cell that is a number (int, float, Decimal) is a number of the sheet; everything else is text
on one line, which no spreadsheet takes for a formula: codes and numbers of people keep their zeros.
"""

import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from kit import odf
from kit.errors import Refusal
from kit.texts import printable

ODS = "application/vnd.oasis.opendocument.spreadsheet"
MOST_XLSX_ROWS = 1_048_575
XLSX_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
# The number of the format “text” in XLSX.
TEXT = 49
SPOOL = "inservice-table-"
# The widths of columns follow from the first rows; widths are in half-width characters.
MEASURED, NARROWEST, WIDEST = 200, 8, 60
LONGEST_NAME = 31
Cell = object
Row = Sequence[Cell]
# A column's width, and whether it has numbers.
Column = tuple[int, bool]


class TooManyRows(Refusal):
    sentence = _("A spreadsheet holds no more than %(most)s rows. Take the file as CSV.")
    status = 400


def is_number(cell: Cell) -> bool:
    """Whether a cell is a number of the sheet; True and False are words."""
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def plain(cell: Cell) -> str:
    """A cell as one line of text; numbers bare: 3, 2.5, no trailing zeros."""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(printable(str("" if cell is None else cell)).split())


def sheet_name(name: str) -> str:
    """A name that both kinds of spreadsheet take."""
    text = re.sub(r"[\[\]:*?/\\']", " ", plain(name))
    return " ".join(text.split())[:LONGEST_NAME].strip() or "1"


def write_xlsx(out: BinaryIO, name: str, header: Row, rows: Iterable[Row]) -> None:
    """Raise TooManyRows where the format ends."""
    # `constant_memory` keeps one row and spools the rest to temporary files, which go with their folder however this ends.
    with tempfile.TemporaryDirectory(prefix=SPOOL) as spool:
        _write_book(xlsxwriter.Workbook(out, {**XLSX_OPTIONS, "tmpdir": spool}), name, header, rows)


def _write_book(book: xlsxwriter.Workbook, name: str, header: Row, rows: Iterable[Row]) -> None:
    sheet = book.add_worksheet(sheet_name(name))
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    as_text = book.add_format({"num_format": TEXT})
    columns, rows = _measured(header, rows)
    for column, (width, numbers) in enumerate(columns):
        sheet.set_column(column, column, width, None if numbers else as_text)
    for column, cell in enumerate(header):
        sheet.write_string(0, column, plain(cell), bold)
    for index, row in enumerate(rows, 1):
        if index > MOST_XLSX_ROWS:
            raise TooManyRows(most=MOST_XLSX_ROWS)
        for column, cell in enumerate(row):
            if is_number(cell):
                sheet.write_number(index, column, cell)
            else:
                sheet.write_string(index, column, plain(cell))
    book.close()


def _measured(header: Row, rows: Iterable[Row]) -> tuple[list[Column], Iterator[Row]]:
    """The width of each column and whether it has numbers, and all rows again.

    A column without numbers has the format of text: what a person types below its cells keeps its leading zeros.
    """
    rest = iter(rows)
    first = list(islice(rest, MEASURED))
    columns = []
    for column in range(len(header)):
        cells = [row[column] for row in [header, *first] if column < len(row)]
        width = max(_width(plain(cell)) for cell in cells)
        columns.append((min(max(width + 2, NARROWEST), WIDEST), any(is_number(cell) for cell in cells)))
    return columns, chain(first, rest)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_NAMES = (
    f'{odf.NAMES} xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    f'xmlns:ooo="http://openoffice.org/2004/office" {odf.VERSION}'
)
_BOLD = (
    '<style:style style:name="heading" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>'
)
_AS_TEXT = (
    '<number:text-style style:name="n0"><number:text-content/></number:text-style>'
    '<style:style style:name="text" style:family="table-cell" style:data-style-name="n0"/>'
)
_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"
# ODF keeps what is frozen among the settings of the view: the first row stays, the rest scrolls.
_FROZEN = (("HorizontalSplitMode", "short", 0), ("VerticalSplitMode", "short", 2), ("VerticalSplitPosition", "int", 1),
           ("ActiveSplitRange", "short", 2), ("PositionTop", "int", 0), ("PositionBottom", "int", 1))  # fmt: skip


def write_ods(out: BinaryIO, name: str, header: Row, rows: Iterable[Row]) -> None:
    """ODF (CNS15251)."""
    columns, rows = _measured(header, rows)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        odf.begin(archive, ODS, ("content.xml", "settings.xml"))
        archive.writestr("settings.xml", _settings(sheet_name(name)))
        with archive.open("content.xml", "w", force_zip64=True) as content:
            content.write(_ods_head(sheet_name(name), columns).encode())
            heading = "".join(_ods_cell(plain(cell), ' table:style-name="heading"') for cell in header)
            content.write(f"<table:table-row>{heading}</table:table-row>".encode())
            for row in rows:
                content.write(_ods_row(row).encode())
            content.write(_TAIL.encode())


def _ods_head(name: str, measured: Sequence[Column]) -> str:
    styles = "".join(
        f'<style:style style:name="c{column}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * 0.2:.1f}cm"/></style:style>'
        for column, (width, _numbers) in enumerate(measured)
    )
    as_text = ' table:default-cell-style-name="text"'
    columns = "".join(
        f'<table:table-column table:style-name="c{column}"{"" if numbers else as_text}/>'
        for column, (_width, numbers) in enumerate(measured)
    )
    styles += _BOLD + _AS_TEXT
    return (
        f"{odf.XML}<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet><table:table table:name={quoteattr(name)}>{columns}"
    )


def _settings(name: str) -> str:
    items = "".join(
        f'<config:config-item config:name="{item}" config:type="{kind}">{value}</config:config-item>'
        for item, kind, value in _FROZEN
    )
    return (
        f"{odf.XML}<office:document-settings {_NAMES}><office:settings>"
        '<config:config-item-set config:name="ooo:view-settings"><config:config-item-map-indexed config:name="Views">'
        '<config:config-item-map-entry><config:config-item-map-named config:name="Tables">'
        f"<config:config-item-map-entry config:name={quoteattr(name)}>{items}</config:config-item-map-entry>"
        "</config:config-item-map-named></config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _ods_row(row: Row) -> str:
    cells = "".join(
        _ods_cell(plain(cell)) if not is_number(cell) else _ods_number(plain(cell)) for cell in row
    )
    return f"<table:table-row>{cells}</table:table-row>"


def _ods_cell(text: str, style: str = "") -> str:
    return f'<table:table-cell{style} office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'


def _ods_number(text: str) -> str:
    return f'<table:table-cell office:value-type="float" office:value="{text}"><text:p>{text}</text:p></table:table-cell>'
