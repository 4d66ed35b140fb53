"""People for a course's list, from pasted lines or from a table."""

from collections.abc import Iterator
from pathlib import Path

from courses.errors.participants import NoPeopleInTable
from courses.models.typed import Typed, may_identify, read_typed
from kit.sentence_parts import listed
from kit.tables import Line, open_table
from kit.tables.headings import heading_name
from kit.texts import tidy_line

# Headings as schools write them. A number or mailbox comes first, the name beside it makes it sure.
NUMBERS = (
    "身分證字號",
    "身分證統一編號",
    "帳號",
    "業務帳號",
    "電子郵件",
    "電子信箱",
    "Email",
    "E-mail",
    "護照號碼",
)
NAMES = ("姓名", "教師姓名", "Name")
HEADER = ("姓名", "電子郵件", "帳號", "身分證字號")


def read_lines(text: str) -> list[Typed]:
    """Return the people of pasted text: one on a line, or several names with 、 or a comma between them."""
    return [read_typed(line) for piece in text.splitlines() for line in _pieces(piece) if tidy_line(line)]


def _pieces(line: str) -> list[str]:
    """Split a line of names only; a name before its number stays with it."""
    if may_identify(line):
        return [line]
    return line.replace("，", "、").replace(",", "、").replace("；", "、").replace(";", "、").split("、")


def read_file(path: Path, most: int) -> list[Typed]:
    """Return the people of a table, at most one more than `most`. Raise UnreadableTable, NoPeopleInTable."""
    table = open_table(path)
    known = {heading_name(name) for name in (*NUMBERS, *NAMES)}
    if not known & {heading_name(name) for name in table.columns}:
        raise NoPeopleInTable(columns=listed(HEADER))
    found: list[Typed] = []
    for line in table.lines:
        found += _of_line(line)
        if len(found) > most:
            break
    return found


def _of_line(line: Line) -> Iterator[Typed]:
    name = next((tidy_line(line[column]) for column in NAMES if line[column].strip()), "")
    number = next((tidy_line(line[column]) for column in NUMBERS if line[column].strip()), "")
    if number:
        yield Typed(number, name)
    elif name:
        yield Typed(name)
