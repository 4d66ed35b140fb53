"""QR codes as pictures for pages."""

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """Return a QR code as an SVG element without a size of its own: black on white in every theme, so that cameras read it."""
    code = segno.make_qr(text, error="m")
    picture = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(picture)  # noqa: S308 - made of numbers and the words above
