"""The XML parts of XLSX and ODS files, counted in rows, columns, cells and characters while they are read piece by piece.

Only cells with content count, as formatted empty ones cost nothing.
"""

import zipfile
from array import array
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from kit.tables.limits import Size, UnreadableTable

CHUNK = 1 << 16
# A piece of markup that is longer than this is no table.
LONGEST_MARKUP = 1 << 20


class PartReader:
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


def walk(archive: zipfile.ZipFile, name: str, reader: PartReader) -> None:
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


class WorkbookLinks(PartReader):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets.append(attributes.get("Target", ""))


class SharedStrings(PartReader):
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


class XlsxSheet(PartReader):
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


class OdsTables(PartReader):
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
