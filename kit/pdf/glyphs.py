"""Which of the vendored fonts has a character, and how wide it is there. Each font is read once a process, when it is first needed."""

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.texts import is_dropped

FOLDER = Path(__file__).resolve().parent.parent / "fonts"
REGULAR, BOLD, RARE = "regular", "bold", "rare"
FILES = {
    REGULAR: "NotoSansTC-Regular.ttf",
    BOLD: "NotoSansTC-Bold-Big5.ttf",
    RARE: "NotoSansCJKtc-Regular-rare.otf",
}
# Millimetres of a point, and how far the base line is below the middle of a line as a share of the size.
MM, SINK = 25.4 / 72, 0.36
# Blanks side by side are one; the blank as wide as a character stays.
_BLANKS = re.compile(r"[^\S\u3000]+")
# Characters that choose a variant of the one before them and have no picture of their own.
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


class NoGlyph(Refusal):
    sentence = _(
        "The file cannot be made: no font here has the character %(character)s (%(code)s) of “%(words)s”. Please report it to the operator."
    )


@cache
def widths(font: str) -> dict[int, float]:
    """Return the width of each character of a font, as a share of the font's size."""
    # Not imported above: a web process that makes no PDF saves some 50 MB.
    from fontTools import ttLib

    with ttLib.TTFont(FOLDER / FILES[font], lazy=True) as file:
        em, advances = file["head"].unitsPerEm, file["hmtx"].metrics
        return {point: advances[glyph][0] / em for point, glyph in file.getBestCmap().items()}


def drawable(text: str) -> str:
    """Return the text as it is drawn: on one line, composed, without characters that have no picture. Raise NoGlyph."""
    flat = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    kept = "".join(
        c for c in flat if not is_dropped(c) and not any(ord(c) in chosen for chosen in _SELECTORS)
    )
    for character in kept:
        font_of(character, False, kept)
    return kept


def font_of(character: str, bold: bool, words: str = "") -> str:
    """Return the first font that has the character. Raise NoGlyph, which names it in its `words`."""
    for font in (BOLD, REGULAR, RARE) if bold else (REGULAR, RARE):
        if ord(character) in widths(font):
            return font
    raise NoGlyph(character=character, code=f"U+{ord(character):04X}", words=words or character)


def runs(text: str, bold: bool) -> list[tuple[str, str]]:
    """Return a drawable text as pieces of one font each: the font and the piece. Raise NoGlyph."""
    return [
        (font, "".join(piece))
        for font, piece in groupby(text, lambda character: font_of(character, bold, text))
    ]


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a drawable text in millimetres at a size in points. Raise NoGlyph."""
    return sum(_share(character, bold) for character in text) * size * MM


@cache
def _share(character: str, bold: bool) -> float:
    return widths(font_of(character, bold))[ord(character)]
