"""Check a spreadsheet, which is a zip of XML, before anything of it is held in memory.

A file of 1.5 kB may hold one cell at XFD1048576, or one cell with a repeat count of a million; the reading library allocates
the whole rectangle. So the XML inside the zip is parsed once as a stream, and refused as soon as a limit is passed.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext_lazy as _

from kit.tables.limits import Size, UnreadableTable
from kit.tables.parts import OdsTables, SharedStrings, WorkbookLinks, XlsxSheet, walk

# What `zipfile` raises about a file that was damaged, cut short or made to mislead: a version or method that it does not know, a part at a
# negative place, data that do not unpack, a name that is no text.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
)
# The end of a zip with the longest comment there may be, and the bytes that its list of parts may take.
END_OF_ZIP = 22 + 65_535
LONGEST_LIST = 1 << 20


def check_directory(file: IO[bytes]) -> None:
    """Refuse a zip whose list of parts is longer than any table's, before that list is read. Raise UnreadableTable."""
    size = file.seek(0, 2)
    file.seek(max(size - END_OF_ZIP, 0))
    end = file.read(END_OF_ZIP)
    file.seek(0)
    at = end.rfind(b"PK\5\6")
    listed = int.from_bytes(end[at + 12 : at + 16], "little")
    if at < 0 or listed > LONGEST_LIST or end[max(at - 20, 0) : at].startswith(b"PK\6\7"):
        raise UnreadableTable(why=_("it is neither XLSX nor ODS."))


def check_spreadsheet(file: IO[bytes]) -> None:
    """Refuse a zip that is neither XLSX nor ODS, or whose tables pass a limit. Raise UnreadableTable and its subclasses."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_archive(archive)
    except DAMAGED as error:
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
        walk(archive, parts["content.xml"], OdsTables())
    if is_xlsx:
        strings = SharedStrings()
        if "xl/sharedstrings.xml" in parts:
            walk(archive, parts["xl/sharedstrings.xml"], strings)
        size = Size()
        for name in _sheets(archive, parts):
            size = size.next_sheet()
            walk(archive, name, XlsxSheet(strings.lengths, size))
    if not is_xlsx and not is_ods:
        raise UnreadableTable(why=_("it is neither XLSX nor ODS."))


def _sheets(archive: zipfile.ZipFile, parts: dict[str, str]) -> Iterator[str]:
    """Every part that the workbook refers to, as any of them may be read as a sheet."""
    links = WorkbookLinks()
    if name := parts.get("xl/_rels/workbook.xml.rels"):
        walk(archive, name, links)
    for target in links.targets:
        path = target.replace("\\", "/").lower()
        path = path[1:] if path.startswith("/") else path if path.startswith("xl/") else f"xl/{path}"
        if path in parts and path != "xl/sharedstrings.xml":
            yield parts[path]
