"""Refuse a file of another kind, or one that is too large, before it is opened as a table."""

import io
import re
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from kit.tables.archives import DAMAGED, check_directory
from kit.tables.limits import UnreadableTable

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
# Office files shrink five- to thirtyfold; what shrinks more is made to fill a memory. Small ones may.
MAX_RATIO = 120
SMALL = 20 * 1024 * 1024
ZIP = b"PK"
OTHER_KINDS = (
    (
        rb"\xd0\xcf\x11\xe0",
        _("it is an old Excel file (.xls), or one with a password. Save it as XLSX without a password."),
    ),
    (rb"%PDF", _("it is a PDF. Send the table it was made from.")),
    (
        rb"\s*<(?:!doctype|html|table|\?xml)",
        _("it is a web page and no table. Open it in a spreadsheet and save it as XLSX."),
    ),
)


def check_file(file: BinaryIO) -> None:
    """Refuse a file of another kind, or too large, packed or unpacked, without unpacking it. Raise UnreadableTable."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_BYTES:
        raise UnreadableTable(why=_("it is larger than 50 MB."))
    start = file.read(512)
    for pattern, sentence in OTHER_KINDS:
        if re.match(pattern, start, re.IGNORECASE):
            raise UnreadableTable(why=sentence)
    file.seek(2)
    if start.startswith(ZIP):
        check_directory(file)
        try:
            with zipfile.ZipFile(file) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except DAMAGED as error:
            raise UnreadableTable(why=str(error)) from None
        if unpacked > MAX_UNPACKED or unpacked > max(size * MAX_RATIO, SMALL):
            raise UnreadableTable(why=_("it is too large when unpacked."))
    file.seek(0)
