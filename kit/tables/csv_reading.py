"""Read a CSV with any usual separator, in UTF-8 or UTF-16; its memory does not grow with the rows."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext_lazy as _

from kit.tables.headings import SEARCHED, Numbered, Sheet, heading_name, likeness
from kit.tables.limits import Size, UnreadableTable
from kit.texts import tidy

LONGEST_LINE = 500_000
SAMPLE = 1 << 16
SEPARATORS = (",", ";", "\t", "|")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def csv_sheet(path: Path, start: bytes, wanted: Sequence[str]) -> Sheet:
    encoding = "utf-16" if start.startswith(UTF16) else "utf-8-sig"
    separator = _separator(start.decode(encoding, "replace"), wanted)
    return Sheet("", _read_csv(path, encoding, separator), _count_lines(path))


def _separator(sample: str, wanted: Sequence[str]) -> str:
    """The separator under which the heading is found, or else under which the first rows have most cells."""
    needed = {heading_name(name) for name in wanted}

    def score(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        rows: list[list[str]] = []
        with suppress(csv.Error):  # the reader itself reports the place
            rows.extend(islice(reader, SEARCHED))
        return max((likeness(row, needed)[0] for row in rows), default=0), max(map(len, rows), default=0)

    return max(SEPARATORS, key=score)


def _read_csv(path: Path, encoding: str, separator: str) -> Iterator[Numbered]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_without_nul(file), strict=True, delimiter=separator)
        size = Size()
        try:
            for number, cells in enumerate(reader, 1):
                size.hold(number, len(cells))
                # As a spreadsheet counts: a cell may hold several lines.
                yield number, [_cell(cell) for cell in cells]
        except UnicodeError:
            raise UnreadableTable(why=_foreign(path)) from None
        except csv.Error as error:
            raise UnreadableTable(why=f"{reader.line_num}: {error}") from None


def _cell(text: str) -> str:
    """The apostrophe before a sign that begins a formula is ours (`kit.tables.inert`), and no part of the text."""
    text = tidy(text)
    if text[:1] == "'" and unicodedata.normalize("NFKC", text[1:2]) in ("=", "+", "-", "@"):
        return text[1:]
    return text


def _foreign(path: Path) -> object:
    """What a text file is that is no UTF-8: most often Excel's own CSV, in Big5."""
    with path.open("rb") as file:
        data = file.read(SAMPLE)
    for cut in range(2):
        try:
            data[: len(data) - cut].decode("cp950")
        except UnicodeDecodeError:
            continue
        return _("it is written in Big5, as Excel's plain “CSV” is. Save it again as “CSV UTF-8” or XLSX.")
    return _("it is not UTF-8. Save it again as “CSV UTF-8”.")


def _without_nul(file: TextIO) -> Iterator[str]:
    while text := file.readline(LONGEST_LINE):
        if len(text) == LONGEST_LINE:
            raise UnreadableTable(why=_("it has a line of more than %s characters.") % f"{LONGEST_LINE:,}")
        if "\0" in text:
            raise UnreadableTable(why=_("it contains NUL bytes."))
        yield text


def _count_lines(path: Path) -> int:
    """The lines of a text file: no fewer than its rows."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count, last = count + block.count(b"\n"), block[-1:]
    return count + (last != b"\n")
