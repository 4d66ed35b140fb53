"""Tables out: numbers are numbers, codes stay text, the heading is bold and frozen, the sheet has a name."""

import csv
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import python_calamine

from kit import tables
from kit.tables import spreadsheets

HEADER = ["課程代碼", "研習課程名稱", "實核時數/學分數", "人數"]
ROWS = [
    ["0123456", "=SUM(A1)\n第二行", Decimal("3.0"), 12],
    ["330N01", "很長的研習課程名稱" * 3, Decimal("2.5"), None],
]
MADE = {"xlsx": tables.xlsx_bytes, "ods": tables.ods_bytes}


@pytest.fixture(params=["xlsx", "ods"])
def made(request: Any, tmp_path: Path) -> Path:
    path = tmp_path / f"t.{request.param}"
    path.write_bytes(MADE[request.param](HEADER, ROWS, "屏東縣_115/研習[紀錄]" + "長" * 40))
    return path


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_hours_and_counts_are_numbers_and_codes_are_text(made: Path) -> None:
    rows = python_calamine.CalamineWorkbook.from_path(str(made)).get_sheet_by_index(0).to_python()
    assert rows[0] == HEADER
    assert rows[1] == ["0123456", "=SUM(A1) 第二行", 3.0, 12.0] and rows[2][0] == "330N01"
    assert sum(row[2] for row in rows[1:]) == 5.5


def test_the_sheet_is_named_after_the_file_within_the_formats_rules(made: Path) -> None:
    [name] = python_calamine.CalamineWorkbook.from_path(str(made)).sheet_names
    assert name.startswith("屏東縣_115 研習 紀錄") and len(name) <= 31


def test_a_spreadsheet_reads_back_with_bare_numbers(made: Path) -> None:
    lines = tables.read_table(made, HEADER)
    assert [line["實核時數/學分數"] for line in lines] == ["3", "2.5"] and lines[0]["課程代碼"] == "0123456"


def test_a_column_without_numbers_keeps_the_zeros_of_what_is_typed_below(made: Path) -> None:
    found = parts(made)
    if made.suffix == ".xlsx":
        columns = re.findall(r"<col [^>]*>", found["xl/worksheets/sheet1.xml"])
        assert ['style="' in column for column in columns] == [True, True, False, False]
        assert 'numFmtId="49"' in found["xl/styles.xml"]
    else:
        columns = re.findall(r"<table:table-column [^>]*>", found["content.xml"])
        assert ['default-cell-style-name="text"' in column for column in columns] == [
            True,
            True,
            False,
            False,
        ]
        assert '<number:text-style style:name="n0">' in found["content.xml"]


def test_the_heading_is_bold_and_frozen_and_columns_fit_their_words(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(tables.xlsx_bytes(HEADER, ROWS))
    book = parts(tmp_path / "t.xlsx")
    sheet = book["xl/worksheets/sheet1.xml"]
    assert 'state="frozen"' in sheet and 'ySplit="1"' in sheet and "<b/>" in book["xl/styles.xml"]
    widths = [
        float(col.get("width", 0)) for col in ElementTree.fromstring(sheet).iter() if col.tag.endswith("}col")
    ]
    assert widths[1] > 50 > 20 > widths[0] > 8
    (tmp_path / "t.ods").write_bytes(tables.ods_bytes(HEADER, ROWS))
    book = parts(tmp_path / "t.ods")
    assert 'fo:font-weight="bold"' in book["content.xml"]
    assert 'config:name="VerticalSplitPosition" config:type="int">1<' in book["settings.xml"]
    assert all(ElementTree.fromstring(text) is not None for text in book.values())


def test_a_csv_has_bare_numbers_inert_formulas_and_no_line_breaks() -> None:
    text = "".join(tables.csv_lines(HEADER, ROWS))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert text.startswith("\ufeff") and rows[1] == ["0123456", "'=SUM(A1) 第二行", "3", "12"]
    assert rows[2][2:] == ["2.5", ""]


def test_more_rows_than_an_xlsx_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_XLSX_ROWS", 2)
    assert tables.xlsx_bytes(["a"], [[1], [2]])
    with pytest.raises(spreadsheets.TooManyRows):
        tables.xlsx_bytes(["a"], [[1], [2], [3]])
