"""Whether a PDF can do something when it is opened: run scripts, start programs, send data, carry files.

The whole file is searched, also the objects that it holds compressed. A protected file hides them, so it cannot be checked.
"""

import re
import zlib
from typing import IO

# Actions and contents that do something (ISO 32000). A destination to open at (/OpenAction with /GoTo) is harmless and usual.
_NAMES = (
    b"JavaScript", b"Launch", b"SubmitForm", b"ImportData", b"RichMedia", b"Rendition", b"EmbeddedFile", b"EmbeddedFiles", b"GoToE", b"XFA",
)  # fmt: skip
_DELIMITER = rb"[\x00\t\n\x0c\r ()<>\[\]{}/%]"
_ACTIVE = re.compile(rb"/(?:" + b"|".join(_NAMES) + rb")(?=" + _DELIMITER + rb"|\Z)")
_PROTECTED = re.compile(rb"/Encrypt(?=" + _DELIMITER + rb")")
_OBJECTS = re.compile(rb"/ObjStm\b[^\x00]{0,400}?stream\r?\n", re.DOTALL)
# A character of a name may be written as its number: /J#61vaScript.
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
# Compressed objects of real files are far smaller.
MOST_INFLATED = 64 * 1024 * 1024


def is_active(file: IO[bytes]) -> bool:
    """Return whether a PDF holds scripts, actions or files, or more compressed objects than can be searched."""
    data = _read(file)
    if _has_active_name(data):
        return True
    left = MOST_INFLATED
    for found in _OBJECTS.finditer(data):
        objects, is_whole = _inflated(data, found.end(), left)
        left -= len(objects)
        if left <= 0 or not is_whole or _has_active_name(objects):
            return True
    return False


def is_protected(file: IO[bytes]) -> bool:
    """Return whether a PDF is encrypted, be it only against printing."""
    return bool(_PROTECTED.search(_plain(_read(file))))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    try:
        return file.read()
    finally:
        file.seek(0)


def _has_active_name(data: bytes) -> bool:
    return bool(_ACTIVE.search(_plain(data)))


def _plain(data: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)


def _inflated(data: bytes, start: int, most: int) -> tuple[bytes, bool]:
    """Return the objects of the compressed stream that begins there, and whether they are all of them."""
    inflate = zlib.decompressobj()
    end = data.find(b"endstream", start)
    try:
        found = inflate.decompress(data[start : end if end > 0 else len(data)], most)
    except zlib.error:
        # Not compressed by this method, or damaged: a reader sees nothing in it that the search of the file has not seen.
        return b"", True
    return found, inflate.eof
