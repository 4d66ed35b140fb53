"""A document that is laid out from top to bottom, with numbered pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from kit.pdf import line_breaks, tables
from kit.pdf.drawing import Code, Mark, Rule, Words, draw, words_of
from kit.pdf.font_cuts import cut_for
from kit.pdf.glyphs import MM, SINK, drawable, width

# Millimetres of A4, upright.
WIDTH, HEIGHT = 210.0, 297.0
# The base line of the page's number from the lower edge.
FOOT = 12.0
LEFT, CENTRE, RIGHT = "left", "centre", "right"


@dataclass(frozen=True)
class Margins:
    top: float = 20
    right: float = 20
    bottom: float = 20
    left: float = 20


@dataclass
class Part:
    """Pages that are counted together, or not `numbered`; `head` is called for each of them when it begins."""

    head: Callable[[Document], None] | None = None
    numbered: bool = True
    pages: list[list[Mark]] = field(default_factory=list)


def page_words(page: int, pages: int) -> str:
    return f"第{page}頁，共{pages}頁"


class Document:
    """`y` is where the next line goes, in millimetres from the upper edge; sizes of letters are in points."""

    def __init__(self, title: str, *, margins: Margins | None = None) -> None:
        self.title, self.margins = title, margins or Margins()
        self.parts: list[Part] = []
        self.y = self.margins.top

    @property
    def width(self) -> float:
        """The width between the margins."""
        return WIDTH - self.margins.left - self.margins.right

    @property
    def room(self) -> float:
        """The height that is left on the page."""
        return HEIGHT - self.margins.bottom - self.y

    def part(self, head: Callable[[Document], None] | None = None, *, numbered: bool = True) -> None:
        """Begin a part on a page of its own; its pages are numbered from 1 on."""
        self.parts.append(Part(head, numbered))
        self.page()

    def page(self) -> None:
        """Begin a page."""
        if not self.parts:
            self.parts.append(Part())
        part = self.parts[-1]
        part.pages.append([])
        self.y = self.margins.top
        if part.head:
            part.head(self)

    def ensure_room(self, height: float) -> None:
        """Begin a page unless so many millimetres are left on this one."""
        if not self.parts or self.room < height:
            self.page()

    def add(self, mark: Mark) -> None:
        """Put a mark on the page as it is."""
        if not self.parts:
            self.page()
        self.parts[-1].pages[-1].append(mark)

    def rule(self, x: float, y: float, to_x: float, to_y: float, *, dots: float = 0) -> None:
        self.add(Rule(x, y, to_x, to_y, dots))

    def code(self, x: float, y: float, side: float, content: str) -> None:
        """Draw a QR code."""
        self.add(Code(x, y, side, content))

    def words(
        self, text: str, x: float, y: float, size: float, *, bold: bool = False, align: str = LEFT
    ) -> None:
        """Write one line whose left end, middle or right end is at `x` and whose base line is at `y`."""
        text = drawable(text)
        shift = {LEFT: 0.0, CENTRE: 0.5, RIGHT: 1.0}[align] * width(text, size, bold)
        self.add(Words(x - shift, y, text, size, bold))

    def paragraph(
        self,
        text: str,
        size: float = 12,
        *,
        bold: bool = False,
        align: str = LEFT,
        leading: float = 0,
        indent: float = 0,
        hanging: float = 0,
    ) -> None:
        """Write a paragraph between the margins. A page ends between its lines.

        `leading` is the distance of its lines in points; `indent` and `hanging` move the first line and the others to the right, in
        millimetres.
        """
        left, full = self.margins.left, self.width
        height = (leading or size * 1.5) * MM
        found = line_breaks.lines(
            drawable(text), full - indent, full - hanging, partial(width, size=size, bold=bold)
        )
        for number, line in enumerate(found):
            self.ensure_room(height)
            x = {
                LEFT: left + (hanging if number else indent),
                CENTRE: left + full / 2,
                RIGHT: left + full,
            }[align]
            self.words(line, x, self.y + height / 2 + size * MM * SINK, size, bold=bold, align=align)
            self.y += height

    def space(self, height: float) -> None:
        self.y += height

    def table(
        self,
        columns: Sequence[tables.Column],
        rows: Iterable[Sequence[str]],
        *,
        size: float = 11,
        row_height: float = 8,
        below: float = 0,
    ) -> None:
        """Draw a table whose heading is repeated on each page; a row has at least `row_height` millimetres and grows with its text.

        The last row is on the page of the next `below` millimetres, so that signatures are never alone on a page.
        """
        tables.lay_out(self, columns, rows, size=size, row_height=row_height, below=below)

    def made(self, at: datetime) -> bytes:
        """Return the file. Raise NoGlyph."""
        [file] = made_together([self], at)
        return file

    def numbered(self) -> list[list[Mark]]:
        """Return the pages with their numbers."""
        found = []
        for part in self.parts:
            for number, page in enumerate(part.pages, 1):
                text = page_words(number, len(part.pages))
                foot = [Words((WIDTH - width(text, 10)) / 2, HEIGHT - FOOT, text, 10)]
                found.append([*page, *(foot if part.numbered else [])])
        return found


def made_together(documents: Iterable[Document], at: datetime) -> Iterator[bytes]:
    """Yield the files of some documents, for which the fonts are cut once. Raise NoGlyph."""
    laid_out = [(document.title, document.numbered()) for document in documents]
    texts = {(words.text, words.bold) for _title, pages in laid_out for words in words_of(pages)}
    with cut_for(texts) as fonts:
        for title, pages in laid_out:
            yield draw(pages, title=drawable(title), at=at, fonts=fonts)
