"""Read the sheets of an XLSX or ODS file, which has been measured first."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import python_calamine

from kit.tables.archives import check_spreadsheet
from kit.tables.headings import Sheet
from kit.tables.limits import UnreadableTable
from kit.texts import tidy


def spreadsheet_sheets(path: Path) -> Iterator[Sheet]:
    with path.open("rb") as file:
        check_spreadsheet(file)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            # `iter_rows` leaves out the empty rows above the first cell; line numbers count them.
            above = sheet.start[0] if sheet.start else 0
            numbered = enumerate(sheet.iter_rows(), above + 1)
            yield Sheet(
                name, ((n, [_text(cell) for cell in cells]) for n, cells in numbered), sheet.total_height
            )
    except (zipfile.BadZipFile, python_calamine.CalamineError, IndexError, OSError) as error:
        raise UnreadableTable(why=str(error)) from None


def _text(cell: object) -> str:
    """Numbers come as floats: 134526.0 is the code 134526."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return tidy(str(cell))
