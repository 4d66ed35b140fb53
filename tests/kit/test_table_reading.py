"""Tables are read as schools send them, or refused with a sentence that names what was found. No cell moves into another
column.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from kit import tables
from kit.tables.headings import DoubleHeading, TwoTables

NEEDED = ("姓名", "地址", "電話")
ROWS = [["王一", "南州鄉仁里路1號", "+886-8-864"], ["林二", "", "08-1"]]


def file(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(tmp_path: Path, **sheets: Sequence[Sequence[str]]) -> Path:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def read(path: Path) -> list[list[str]]:
    return [[line[name] for name in NEEDED] for line in tables.read_table(path, NEEDED)]


def told(path: Path, needed: Sequence[str] = NEEDED) -> str:
    with pytest.raises(tables.UnreadableTable) as refused:
        tables.read_table(path, needed)
    return refused.value.message


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_by_the_heading(tmp_path: Path, separator: str) -> None:
    rows = [list(NEEDED), *ROWS]
    assert read(file(tmp_path, "".join(separator.join(row) + "\r\n" for row in rows))) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_in_each_of_its_encodings_is_read(tmp_path: Path, encoding: str) -> None:
    text = "姓名\t地址\t電話\n" + "".join("\t".join(row) + "\n" for row in ROWS)
    assert read(file(tmp_path, text, encoding)) == ROWS


@pytest.mark.parametrize(
    "heading", ["姓　名,地 址,電話", " 姓名 ,地址,電話", "\u200b姓名,地址,電話", '"姓\n名",地址,電話']
)
def test_blanks_in_a_heading_do_not_count(tmp_path: Path, heading: str) -> None:
    assert read(file(tmp_path, f"{heading}\n王一,甲,1\n")) == [["王一", "甲", "1"]]


def test_a_title_and_a_date_may_stand_above_the_heading(tmp_path: Path) -> None:
    text = "本校教師名冊,,\n115年,9月,1日\n\n姓名,地址,電話\n王一,甲,1\n"
    lines = tables.read_table(file(tmp_path, text), NEEDED)
    assert [(line.number, line["姓名"]) for line in lines] == [(5, "王一")]


def test_the_table_may_be_on_the_second_sheet_below_a_title(tmp_path: Path) -> None:
    path = workbook(tmp_path, 說明=[["請填第二頁"]], 名冊=[["本校名冊"], list(NEEDED), *ROWS])
    assert read(path) == ROWS
    assert [line.number for line in tables.read_table(path, NEEDED)] == [3, 4]


def test_two_sheets_with_such_a_table_are_refused_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, 國中=[list(NEEDED), *ROWS], 國小=[list(NEEDED), *ROWS])
    with pytest.raises(TwoTables) as refused:
        read(path)
    assert "國中、國小" in refused.value.message


def test_what_was_found_is_named_where_columns_are_missing(tmp_path: Path) -> None:
    for path in (
        file(tmp_path, "名冊\n姓名,住址,電話\n王一,甲,1\n"),
        workbook(tmp_path, 說明=[["請填第二頁"]], 名冊=[["名冊"], ["姓名", "住址", "電話"]]),
    ):
        with pytest.raises(tables.MissingColumns) as refused:
            read(path)
        assert "地址" in refused.value.message and "姓名、住址、電話" in refused.value.message


def test_a_heading_that_is_there_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    for path in (
        file(tmp_path, "名冊\n姓名,地址,電話,姓　名\n"),
        workbook(tmp_path, 甲=[["x"], [*NEEDED, "姓名"]]),
    ):
        with pytest.raises(DoubleHeading) as refused:
            read(path)
        assert "姓名" in refused.value.message and "2" in refused.value.message


@pytest.mark.parametrize("row", ["王一,屏東縣,南州鄉,1", "王一,甲", "王一", "王一,甲,1,x"])
def test_a_row_of_another_length_than_the_heading_carries_a_fault(tmp_path: Path, row: str) -> None:
    lines = tables.read_table(file(tmp_path, f"姓名,地址,電話\n林二,乙,2\n{row}\n"), NEEDED)
    assert [bool(line.problem) for line in lines] == [False, True] and lines[1].number == 3


def test_commas_behind_the_last_column_are_no_fault(tmp_path: Path) -> None:
    lines = tables.read_table(file(tmp_path, '姓名,地址,電話,,\n"王,一",甲,1,,\n林二,乙,,,\n'), NEEDED)
    assert [(line["姓名"], line.problem) for line in lines] == [("王,一", ""), ("林二", "")]
    (slid,) = tables.read_table(file(tmp_path, "姓名,地址,電話,,\n王一,屏東縣,南州鄉,1,\n"), NEEDED)
    assert slid.problem and slid.extra == ("1", "")


def test_big5_is_refused_by_its_name(tmp_path: Path) -> None:
    assert "Big5" in told(file(tmp_path, "姓名,地址,電話\n王一,屏東縣,1\n", "cp950"))
    late = "姓名,地址,電話\n" + "a,b,c\n" * 20000
    path = tmp_path / "late.csv"
    path.write_bytes(late.encode() + "王一,甲,1\n".encode("cp950"))
    assert "UTF-8" in told(path)


@pytest.mark.parametrize(
    ("start", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\r\n<html><table><tr><td>1</td></tr></table></html>", "XLSX"),
        (b"<?xml version='1.0'?><Workbook/>", "XLSX"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_kind(tmp_path: Path, start: bytes, word: str) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(start)
    assert word in told(path)


def test_what_was_made_inert_is_read_as_it_was(tmp_path: Path) -> None:
    rows = [["=1+1", "+886-8-8642009", "-x"], ["@x", "＝1", "'quoted'"]]
    path = file(tmp_path, "".join(tables.csv_lines(NEEDED, rows)))
    assert "'+886-8-8642009" in path.read_text()
    assert read(path) == rows


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    assert "No such file" in told(tmp_path / "t.csv")


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path, a=[NEEDED]).read_bytes()
    cut = tmp_path / "cut.xlsx"
    # The end, which names the list of parts, is there; the list is not.
    cut.write_bytes(whole[:40] + whole[-22:])
    assert told(cut)


def test_a_workbook_without_its_sheet_is_refused(tmp_path: Path) -> None:
    made = workbook(tmp_path, a=[NEEDED])
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            if "sheet1" not in name:
                new.writestr(name, old.read(name))
    assert told(broken)
