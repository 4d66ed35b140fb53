"""A table is measured in rows, columns, cells and characters before it is held in memory, however small its file is."""

import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from kit import tables
from kit.file_types import ENDINGS, type_of
from kit.tables import archives, limits, parts


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
STRINGS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
HEADING = '<row r="1"><c r="A1" t="str"><v>學校代碼</v></c></row>'


def changed(made: bytes, change: Callable[[str, str], tuple[str, str]]) -> bytes:
    """The zip with each part's name and text as `change` gives them back."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name).decode()))
    return out.getvalue()


def xlsx(rows: str, strings: str = "", sheet: str = "worksheets/sheet1.xml") -> bytes:
    def change(name: str, text: str) -> tuple[str, str]:
        if name == "xl/worksheets/sheet1.xml":
            return f"xl/{sheet}", SHEET % rows
        return name, text.replace("worksheets/sheet1.xml", sheet)

    out = io.BytesIO(changed(tables.xlsx_bytes(["a"], []), change))
    if strings:
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/sharedStrings.xml", STRINGS % strings)
    return out.getvalue()


def ods(rows: str) -> bytes:
    def change(name: str, text: str) -> tuple[str, str]:
        if name != "content.xml":
            return name, text
        return name, text[: text.index("<table:table-row>")] + rows + text[text.index("</table:table>") :]

    return changed(tables.ods_bytes(["a"], []), change)


def row(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def cell(text: str, repeated: int = 1) -> str:
    facts = f'office:value-type="string" table:number-columns-repeated="{repeated}"'
    return f"<table:table-cell {facts}><text:p>{text}</text:p></table:table-cell>"


LONG = "x" * 30_000
WIDE = "1,048,576 rows × 16,384 columns"
# name → (the file, words of the refusal).
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "one cell in the last corner": (
        lambda: xlsx(HEADING + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        WIDE,
    ),
    "a formula in the last corner": (
        lambda: xlsx(HEADING + '<row r="1048576"><c r="XFD1048576"><f>1</f></c></row>'),
        WIDE,
    ),
    "the corner written with entities": (
        lambda: xlsx(HEADING + "<row r='9'><c r='&#88;FD1048576'><v>1</v></c></row>"),
        WIDE,
    ),
    "a sheet of another name": (
        lambda: xlsx(HEADING + '<row r="1"><c r="XFD1048576"><v>1</v></c></row>', sheet="media/picture.png"),
        WIDE,
    ),
    "one text in very many cells": (
        lambda: xlsx(
            "".join(f'<row r="{n}"><c t="s"><v>0</v></c></row>' for n in range(1, 100_001)),
            f"<si><t>{LONG}</t></si>",
        ),
        "too much text",
    ),
    "an ODS cell repeated over the row": (
        lambda: ods(row(cell("a")) + row(cell("b", 16_384), 1_000_000)),
        "1,000,001 rows × 16,384 columns",
    ),
    "a cell behind a million empty rows and columns": (
        lambda: ods(
            row(cell("a"))
            + row("<table:table-cell/>", 1_000_000)
            + row('<table:table-cell table:number-columns-repeated="16000"/>' + cell("b"))
        ),
        "1,000,002 rows × 16,001 columns",
    ),
    "many sheets, each of which would do": (
        lambda: ods("</table:table><table:table>".join([row(cell("a", 10), 300_000)] * 5)),
        "300,000 rows × 10 columns",
    ),
    "a long text repeated in ODS": (lambda: ods(row(cell(LONG, 50), 1000)), "too much text"),
}
READ = """
import resource, sys, django
from django.utils import translation
django.setup()
translation.activate("en")
from kit import tables
resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    for line in tables.open_table(sys.argv[1]).lines:
        pass
except tables.UnreadableTable as refusal:
    print(refusal.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def read_in_little_memory(path: Path) -> tuple[str, int]:
    """The sentence of the refusal, and the MB that reading took more, in a process that may have 900 MB."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "inservice.settings", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    *said, grown = done.stdout.splitlines()
    return " ".join(said), int(grown)


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_would_fill_the_memory_is_refused_by_its_cells(name: str, tmp_path: Path) -> None:
    make, told = BOMBS[name]
    path = tmp_path / "table"
    path.write_bytes(make())
    assert path.stat().st_size < 500_000
    with path.open("rb") as file, pytest.raises(tables.UnreadableTable) as refused:
        archives.check_spreadsheet(file)
    assert told in refused.value.message
    with pytest.raises(tables.UnreadableTable):
        tables.open_table(path)


@pytest.mark.parametrize("name", ["one cell in the last corner", "an ODS cell repeated over the row"])
def test_refusing_takes_no_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(BOMBS[name][0]())
    said, grown = read_in_little_memory(path)
    assert BOMBS[name][1] in said and "400,000 rows" in said and grown < 50


def test_the_largest_table_that_is_taken_fits_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "table"
    share = 1 if os.environ.get("RUN_LONG") else 8
    rows = limits.MOST_CELLS // 10 // share - 1
    path.write_bytes(ods(row("".join(cell(str(n)) for n in range(10))) + row(cell("0912345678", 10), rows)))
    said, grown = read_in_little_memory(path)
    assert not said and grown < 600 / share + 60


@pytest.mark.parametrize("make", [tables.xlsx_bytes, tables.ods_bytes])
def test_tables_of_our_own_are_read(make: Callable[..., bytes], tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(make(["a", "b"], [["1", "二"], ["", "3"]]))
    lines = tables.read_table(path)
    assert [(line.number, line["a"], line["b"]) for line in lines] == [(2, "1", "二"), (3, "", "3")]


def test_formatted_empty_cells_at_the_end_do_not_count(tmp_path: Path) -> None:
    """Spreadsheets format whole columns, and fill a sheet up to its last row with repeated nothing."""
    path = tmp_path / "table"
    path.write_bytes(xlsx(HEADING + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'))
    assert tables.open_table(path).columns == ["學校代碼"]
    nothing = '<table:table-cell table:number-columns-repeated="16383"/>'
    path.write_bytes(ods(row(cell("學校代碼") + nothing) + row(nothing, 1_048_575)))
    assert tables.open_table(path).columns == ["學校代碼"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n" + "1\n" * 400_001, "rows × 1 columns"),
        ("a" + "," * 300 + "\n", "1 rows × 301 columns"),
        ("a\n" + "," * 600_000, "line of more than"),
    ],
    ids=["rows", "fields", "line"],
)
def test_a_csv_is_limited_by_rows_and_fields(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(tables.UnreadableTable) as refused:
        tables.read_table(path)
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda archive: archive.writestr("xl/vbaProject.bin", "x"), "macros"),
        (lambda archive: archive.writestr("XL/Workbook.xml", ""), "two parts of one name"),
    ],
    ids=["macros", "names"],
)
def test_a_zip_that_could_be_read_in_two_ways_is_refused(
    spoil: Callable[[zipfile.ZipFile], None], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "table"
    path.write_bytes(xlsx(HEADING))
    with zipfile.ZipFile(path, "a") as archive:
        spoil(archive)
    with pytest.raises(tables.UnreadableTable) as refused:
        tables.open_table(path)
    assert told in refused.value.message


def test_a_declared_document_type_and_broken_markup_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(xlsx('<!DOCTYPE x [<!ENTITY a "aaaa">]>'))
    with pytest.raises(tables.UnreadableTable):
        tables.open_table(path)
    path.write_bytes(ods("<table:table-row>"))
    with pytest.raises(tables.UnreadableTable):
        tables.open_table(path)


def test_a_zip_with_a_list_of_parts_that_fills_the_memory_is_refused_unread(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"part-{number}", b"")
    with pytest.raises(tables.UnreadableTable):
        tables.check_file(out)
    with pytest.raises(tables.UnreadableTable):
        tables.check_file(io.BytesIO(b"PK and nothing more"))


def packed(parts: dict[str, str]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out


TOO_LONG = "x" * (3 * parts.LONGEST_MARKUP)
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a zip of something else": ({"letter.txt": "Dear"}, "neither XLSX nor ODS"),
    "a document type": ({"content.xml": "<!DOCTYPE a><a/>"}, "declares a document type"),
    "one endless tag": ({"content.xml": f'<a b="{TOO_LONG}"/>'}, "content.xml"),
    "markup that does not end": ({"content.xml": "<a>"}, "content.xml"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_zip_whose_parts_are_no_table_is_refused(name: str) -> None:
    made, words = REFUSED[name]
    with pytest.raises(limits.UnreadableTable) as caught:
        archives.check_spreadsheet(packed(made))
    assert words in caught.value.message


def test_a_zip_that_is_broken_in_its_middle_is_refused() -> None:
    made = packed({"content.xml": "<a/>"}).getvalue()
    broken = io.BytesIO(made.replace(b"PK\3\4", b"xx\3\4"))
    with pytest.raises(limits.UnreadableTable):
        archives.check_spreadsheet(broken)


@pytest.mark.parametrize("whole", [xlsx(""), ods("")], ids=["xlsx", "ods"])
def test_a_damaged_file_is_refused_or_read_and_never_an_error(whole: bytes, tmp_path: Path) -> None:
    """What a bad disk, a broken-off upload or somebody with bad intent makes of a file."""
    dice, path, refused = random.Random(7), tmp_path / "table", 0
    for _ in range(400):
        spoilt = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        path.write_bytes(bytes(spoilt))
        assert type_of(io.BytesIO(bytes(spoilt))) in (*ENDINGS, None)
        try:
            tables.check_file(io.BytesIO(bytes(spoilt)))
            tables.read_table(path)
        except tables.UnreadableTable:
            refused += 1
    assert refused > 100
