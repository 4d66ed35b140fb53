"""QR codes: as pictures for pages, as files for print, and as dots to be drawn."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def dots(text: str) -> list[bytes]:
    """Return the rows of a QR code without its quiet zone, a byte for each dot: 1 where it is dark."""
    return [bytes(row) for row in _code(text).matrix]


def svg(text: str) -> SafeString:
    """Return a QR code as an SVG element without a size of its own: black on white in every theme, so that cameras read it."""
    picture = _code(text).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(picture)  # noqa: S308 - made of numbers and the words above


def svg_file(text: str) -> bytes:
    """Return a QR code as an SVG file for print, which stays sharp at any size."""
    file = io.BytesIO()
    _code(text).save(file, kind="svg", border=4, scale=10, dark="#000", light="#fff")
    return file.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="m")
