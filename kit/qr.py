"""QR codes as pictures for pages."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """Return a QR code as an SVG element without a size of its own: black on white in every theme, so that cameras read it."""
    code = segno.make_qr(text, error="m")
    picture = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(picture)  # noqa: S308 - made of numbers and the words above


def svg_file(text: str) -> bytes:
    """Return a QR code as an SVG file for print, which stays sharp at any size."""
    file = io.BytesIO()
    segno.make_qr(text, error="m").save(file, kind="svg", border=4, scale=10, dark="#000", light="#fff")
    return file.getvalue()
