"""How large a spreadsheet is, counted in rows, columns, cells and characters before anything of it is held in memory.

A file of 1.5 kB may hold one cell at XFD1048576, or one cell that is said to be repeated a million times; the reading library makes the whole
rectangle of it. So the XML inside the zip is walked through once, piece by piece, and refused as soon as a limit is passed. Only
cells with content count, as formatted empty ones cost nothing.
"""

import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal

# Every teacher of the country with a dozen columns.
MOST_ROWS = 400_000
MOST_COLUMNS = 256
MOST_CELLS = 4_000_000
# Excel's own limit for one cell, and as many characters as the largest file has bytes.
MOST_IN_CELL = 32_767
MOST_TEXT = 50 * 1024 * 1024
CHUNK = 1 << 16
# A piece of markup that is longer than this is no table.
LONGEST_MARKUP = 1 << 20
# The end of a zip with the longest comment there may be, and the bytes that its list of parts may take.
END_OF_ZIP = 22 + 65_535
LONGEST_LIST = 1 << 20


class UnreadableTable(Refusal):
    sentence = _("The file cannot be read as a table: %(why)s")
    field = "file"
    status = 400


class TableTooLarge(UnreadableTable):
    sentence = _(
        "The table is too large: %(rows)s rows × %(columns)s columns. At most %(most_rows)s rows, %(most_columns)s columns and"
        " %(most_cells)s cells can be read at once."
    )


class TooMuchText(UnreadableTable):
    sentence = _(
        "The cells hold too much text: at most %(in_cell)s characters in one cell and %(in_all)s in all can be read at once."
    )


@dataclass
class Size:
    """The rectangle that is filled so far. Raises TableTooLarge, TooMuchText as soon as it is too much."""

    rows: int = 0
    columns: int = 0
    text: int = 0
    # The cells of the sheets before this one, which may be held at the same time.
    before: int = 0

    @property
    def cells(self) -> int:
        return self.before + self.rows * self.columns

    def next_sheet(self) -> "Size":
        return Size(text=self.text, before=self.cells)

    def hold(self, rows: int, columns: int) -> None:
        """Something stands in this row and column, counted from 1."""
        if rows <= self.rows and columns <= self.columns:
            return
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        if self.rows > MOST_ROWS or self.columns > MOST_COLUMNS or self.cells > MOST_CELLS:
            raise TableTooLarge(
                rows=f"{self.rows:,}",
                columns=f"{self.columns:,}",
                most_rows=f"{MOST_ROWS:,}",
                most_columns=f"{MOST_COLUMNS:,}",
                most_cells=f"{MOST_CELLS:,}",
            )

    def read(self, added: int, in_cell: int) -> None:
        """So many characters more, in a cell that holds `in_cell` by now."""
        self.text += added
        if in_cell > MOST_IN_CELL or self.text > MOST_TEXT:
            raise TooMuchText(in_cell=f"{MOST_IN_CELL:,}", in_all=f"{MOST_TEXT:,}")


def check_directory(file: IO[bytes]) -> None:
    """Refuse a zip whose list of parts is longer than any table's, before that list is read. Raises UnreadableTable."""
    size = file.seek(0, 2)
    file.seek(max(size - END_OF_ZIP, 0))
    end = file.read(END_OF_ZIP)
    file.seek(0)
    at = end.rfind(b"PK\5\6")
    listed = int.from_bytes(end[at + 12 : at + 16], "little")
    if at < 0 or listed > LONGEST_LIST or end[max(at - 20, 0) : at].startswith(b"PK\6\7"):
        raise UnreadableTable(why=_("it is neither XLSX nor ODS."))


def check_spreadsheet(file: IO[bytes]) -> None:
    """Refuse a zip that is neither XLSX nor ODS, or whose tables pass a limit. Raises UnreadableTable and its subclasses."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_archive(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableTable(why=str(error)) from None
    finally:
        file.seek(0)


def _check_archive(archive: zipfile.ZipFile) -> None:
    parts = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    if len(parts) != len(archive.namelist()):
        raise UnreadableTable(why=_("it holds two parts of one name."))
    if "xl/vbaproject.bin" in parts:
        raise UnreadableTable(why=_("it contains macros. Save it as XLSX or ODS without them."))
    is_xlsx, is_ods = "xl/workbook.xml" in parts, "content.xml" in parts
    if is_ods:
        _walk(archive, parts["content.xml"], _Ods())
    if is_xlsx:
        strings = _Strings()
        if "xl/sharedstrings.xml" in parts:
            _walk(archive, parts["xl/sharedstrings.xml"], strings)
        size = Size()
        for name in _sheets(archive, parts):
            size = size.next_sheet()
            _walk(archive, name, _Xlsx(strings.lengths, size))
    if not is_xlsx and not is_ods:
        raise UnreadableTable(why=_("it is neither XLSX nor ODS."))


def _sheets(archive: zipfile.ZipFile, parts: dict[str, str]) -> Iterator[str]:
    """Every part that the workbook refers to, as any of them may be read as a sheet."""
    links = _Links()
    if name := parts.get("xl/_rels/workbook.xml.rels"):
        _walk(archive, name, links)
    for target in links.targets:
        path = target.replace("\\", "/").lower()
        path = path[1:] if path.startswith("/") else path if path.startswith("xl/") else f"xl/{path}"
        if path in parts and path != "xl/sharedstrings.xml":
            yield parts[path]


class _Reader:
    """What is done with each element of a part. Only starts and texts are looked at: ends would double the time."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = tag.rpartition(":")[2]
        self.start(name, attributes)

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def characters(self, text: str) -> None: ...


def _walk(archive: zipfile.ZipFile, name: str, reader: _Reader) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    fed = 0
    try:
        with archive.open(name) as part:
            while block := part.read(CHUNK):
                parser.Parse(block, False)
                fed += len(block)
                if fed - parser.CurrentByteIndex > LONGEST_MARKUP:
                    raise UnreadableTable(why=f"{name}.")
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableTable(why=f"{name}: {error}.") from None


def _refuse_doctype(*_args: object) -> None:
    raise UnreadableTable(why=_("it declares a document type."))


class _Links(_Reader):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets.append(attributes.get("Target", ""))


class _Strings(_Reader):
    """The lengths of the texts that the cells of an XLSX file share."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths = array("L")
        self.size = Size()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.lengths.append(0)

    def characters(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)
            self.size.read(len(text), self.lengths[-1])


class _Xlsx(_Reader):
    """A worksheet: `<row r="2"><c r="B2" t="s"><v>0</v></c></row>`; without `r` a row or cell follows the one before it."""

    def __init__(self, strings: "array[int]", size: Size) -> None:
        super().__init__()
        self.strings = strings
        self.size = size
        self.row = self.column = self.length = 0
        self.shared = self.filled = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self.filled, self.length = False, 0
            self.shared = attributes.get("t") == "s"
            place = attributes.get("r")
            if place is None:
                self.column += 1
            else:
                self.row, self.column = _place(place)
        elif name in ("v", "is", "t", "f"):
            if not self.filled:
                self.filled = True
                self.size.hold(self.row, self.column)
        elif name == "row":
            self.row = _number(attributes.get("r"), self.row + 1)
            self.column = 0
            self.filled = False

    def characters(self, text: str) -> None:
        if not self.filled:
            return
        added = len(text)
        if self.shared:
            index = _number(text, 0)
            added = self.strings[index] if index < len(self.strings) else 0
        self.length += added
        self.size.read(added, self.length)


class _Ods(_Reader):
    """All tables of an ODS file: cells and rows may be repeated, and what is empty at the end of a row or table does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.size = Size()
        self._table()

    def _table(self) -> None:
        self.row = self.column = self.length = 0
        self.rows_repeated, self.columns_repeated = 0, 0
        self.in_cell = self.filled = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("table-cell", "covered-table-cell"):
            self._cell(attributes)
        elif name == "p":
            if self.in_cell:
                self._fill()
        elif name == "table-row":
            self.row += self.rows_repeated
            self.rows_repeated = _number(_local(attributes, "number-rows-repeated"), 1)
            self.column = self.columns_repeated = 0
            self.in_cell = self.filled = False
        elif name == "table":
            self.size = self.size.next_sheet()
            self._table()

    def _cell(self, attributes: dict[str, str]) -> None:
        self.column += self.columns_repeated
        self.columns_repeated = 1
        self.length = 0
        self.in_cell, self.filled = True, False
        filled = False
        for key, value in attributes.items():
            name = key.rpartition(":")[2]
            if name == "number-columns-repeated":
                self.columns_repeated = _number(value, 1)
            elif name == "value-type":
                filled = True
            elif name.endswith("value"):
                self.length += len(value)
        if filled:
            self._fill()

    def _fill(self) -> None:
        if not self.filled:
            self.filled = True
            self.size.hold(self.row + self.rows_repeated, self.column + self.columns_repeated)
            self.size.read(self.length * self.rows_repeated * self.columns_repeated, self.length)

    def characters(self, text: str) -> None:
        if self.filled:
            self.length += len(text)
            self.size.read(len(text) * self.rows_repeated * self.columns_repeated, self.length)


def _local(attributes: dict[str, str], name: str) -> str | None:
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), None)


def _number(text: str | None, otherwise: int) -> int:
    """A counting number. Anything else is what the reading library would refuse, or count as one."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def _place(text: str) -> tuple[int, int]:
    """Row and column of a cell: "AB12" is row 12, column 28."""
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters.upper()[:8]:
        column = column * 26 + ord(letter) - 64
    return _number(text[len(letters) :], 0), column
