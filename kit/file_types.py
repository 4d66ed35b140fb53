"""Detect the type of a file from its content: its name and the type that the browser sends are only claims.

The few types that schools send are recognised here, and everything else is unknown: no library guesses among hundreds.
"""

import re
import zipfile
from typing import IO

from kit.tables.archives import DAMAGED, check_directory
from kit.tables.limits import UnreadableTable

PDF, PNG, JPEG, CSV = "application/pdf", "image/png", "image/jpeg", "text/csv"
_OASIS = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
ODT, ODS, ODP = _OASIS + "text", _OASIS + "spreadsheet", _OASIS + "presentation"
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
PPTX = _OFFICE + "presentationml.presentation"
ENDINGS = {
    PDF: "pdf", PNG: "png", JPEG: "jpg", CSV: "csv", ODT: "odt", ODS: "ods", ODP: "odp", DOCX: "docx", XLSX: "xlsx", PPTX: "pptx",
}  # fmt: skip
PICTURES = frozenset({PNG, JPEG})
TABLES = frozenset({CSV, ODS, XLSX})
DOCUMENTS = frozenset({PDF, ODT, ODS, ODP, DOCX, XLSX, PPTX})
_MAGIC = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
# The part that only an office file of this type has.
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|script|svg|\?xml|\?php)", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
LOOKED_AT = 4096


# Other endings of names that say the same.
_ALSO = {JPEG: (".jpeg",), CSV: (".txt", ".tsv")}


def named_after(content_type: str, name: str) -> str:
    """Return a file's name with an ending of its type, which its own ending may deny."""
    ending = f".{ENDINGS[content_type]}"
    if name.lower().endswith((ending, *_ALSO.get(content_type, ()))):
        return name
    return f"{name}{ending}"


def type_of(file: IO[bytes]) -> str | None:
    """Return the type of an open file, or None for one that is not among `ENDINGS`; an office file with macros is none of them."""
    file.seek(0)
    start = file.read(LOOKED_AT)
    try:
        if start.startswith(b"PK\x03\x04"):
            return _office_type(file)
        return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None) or _text(start)
    finally:
        file.seek(0)


def _text(start: bytes) -> str | None:
    """Tables are sent in several encodings, so text is what holds no control characters and is no page or program."""
    if not start or _MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")):
        return None
    return CSV if start.startswith(_WIDE) or not _CONTROL.search(start) else None


def _office_type(file: IO[bytes]) -> str | None:
    try:
        check_directory(file)
        with zipfile.ZipFile(file) as archive:
            return _type_of_parts(archive)
    except (UnreadableTable, *DAMAGED):
        return None


def _type_of_parts(archive: zipfile.ZipFile) -> str | None:
    names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    if any(name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")) for name in names):
        return None
    if "mimetype" in archive.namelist():
        with archive.open("mimetype") as part:
            said = part.read(200).decode("ascii", "replace").strip()
        return said if said in ENDINGS and "content.xml" in names else None
    # An ODS that a program wrote without its `mimetype` is still read as a table.
    return next((kind for part_name, kind in _PARTS.items() if part_name in names), None) or (
        ODS if "content.xml" in names else None
    )
