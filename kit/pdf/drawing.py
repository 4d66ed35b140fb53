"""What is on a page, in millimetres from its left upper corner, and how fpdf2 draws it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kit import qr
from kit.pdf.font_cuts import CutFonts
from kit.pdf.glyphs import runs, width

if TYPE_CHECKING:
    from fpdf import FPDF


# The width of lines in millimetres.
LINE = 0.2


class Mark(Protocol):
    def draw(self, pdf: FPDF) -> None: ...


@dataclass(frozen=True)
class Words:
    """One line of text; `y` is its base line."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False

    def draw(self, pdf: FPDF) -> None:
        x = self.x
        for font, piece in runs(self.text, self.bold):
            pdf.set_font(font, size=self.size)
            pdf.text(x, self.y, piece)
            x += width(piece, self.size, self.bold)


@dataclass(frozen=True)
class Rule:
    """A straight line; dotted where `dots` is the distance of its dots."""

    x: float
    y: float
    to_x: float
    to_y: float
    dots: float = 0

    def draw(self, pdf: FPDF) -> None:
        pdf.set_line_width(LINE)
        pdf.set_dash_pattern(dash=self.dots / 4, gap=self.dots)
        pdf.line(self.x, self.y, self.to_x, self.to_y)


@dataclass(frozen=True)
class Code:
    """A QR code, `side` millimetres wide without its quiet zone."""

    x: float
    y: float
    side: float
    content: str

    def draw(self, pdf: FPDF) -> None:
        rows = qr.dots(self.content)
        dot = self.side / len(rows)
        pdf.set_fill_color(0)
        for number, row in enumerate(rows):
            for start, end in _stretches(row):
                pdf.rect(self.x + start * dot, self.y + number * dot, (end - start) * dot, dot, style="F")


def _stretches(row: bytes) -> Iterable[tuple[int, int]]:
    """Return the beginnings and ends of what is dark in a row, so that no hair line parts two dots."""
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place
            start = None


def draw(pages: Iterable[Sequence[Mark]], *, title: str, at: datetime, fonts: CutFonts) -> bytes:
    """Return a PDF file of these pages, made `at`, with fonts that have all its characters."""
    # Not imported above: a web process that makes no PDF saves some 50 MB.
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_lang("zh-TW")
    pdf.set_creation_date(at)
    for font, path in fonts.items():
        pdf.add_font(font, "", path)
    for page in pages:
        pdf.add_page()
        for mark in page:
            mark.draw(pdf)
    return bytes(pdf.output())


def words_of(pages: Iterable[Sequence[Mark]]) -> list[Words]:
    return [mark for page in pages for mark in page if isinstance(mark, Words)]
