"""Tables: the heading on each page, rows that grow with their text, and no text that is cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kit.pdf import line_breaks
from kit.pdf.glyphs import MM, SINK, drawable, width

if TYPE_CHECKING:
    from kit.pdf.document import Document

# Between the rule and the text.
PADDING = 1.2
# The distance of lines, as a share of the size.
LEADING = 1.3
Lines = list[str]


@dataclass(frozen=True)
class Column:
    """`share` is its part of the page's width beside those of the others."""

    heading: str
    share: float
    align: str = "centre"


@dataclass(frozen=True)
class Grid:
    """Where the columns of a table begin and end, and how its text is set."""

    columns: Sequence[Column]
    edges: Sequence[float]
    size: float
    row_height: float

    @property
    def leading(self) -> float:
        return self.size * MM * LEADING

    def broken(self, cells: Sequence[str], bold: bool) -> list[Lines]:
        measure = partial(width, size=self.size, bold=bold)
        found = []
        for number, cell in enumerate(cells):
            room = self.edges[number + 1] - self.edges[number] - 2 * PADDING
            found.append(line_breaks.lines(drawable(cell), room, room, measure))
        return found

    def height(self, cells: Sequence[Lines]) -> float:
        return max(self.row_height, max(map(len, cells)) * self.leading + 2 * PADDING)


def lay_out(
    document: Document,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    *,
    size: float,
    row_height: float,
    below: float = 0,
) -> None:
    total, edges = sum(column.share for column in columns), [document.margins.left]
    for column in columns:
        edges.append(edges[-1] + document.width * column.share / total)
    grid = Grid(columns, edges, size, row_height)
    heading = grid.broken([column.heading for column in columns], bold=True)
    needed = grid.height(heading)
    document.ensure_room(needed + row_height)
    _row(document, grid, heading, bold=True)
    begin = document.margins.top + needed
    cells = list(rows)
    for number, row in enumerate(cells, 1):
        rest = grid.broken(row, bold=False)
        foot = below if number == len(cells) else 0
        while rest:
            if document.room < grid.height(rest) + foot and document.y > begin:
                document.page()
                _row(document, grid, heading, bold=True)
                begin = document.y
            # A row that is higher than a page goes on on the next one.
            most = max(1, int((document.room - 2 * PADDING) / grid.leading))
            _row(document, grid, [lines[:most] for lines in rest], bold=False)
            rest = [lines[most:] for lines in rest] if any(lines[most:] for lines in rest) else []


def _row(document: Document, grid: Grid, cells: Sequence[Lines], *, bold: bool) -> None:
    top, height = document.y, grid.height(cells)
    for number, lines in enumerate(cells):
        left, right = grid.edges[number], grid.edges[number + 1]
        align = "centre" if bold else grid.columns[number].align
        x = (left + right) / 2 if align == "centre" else left + PADDING
        y = top + (height - len(lines) * grid.leading) / 2
        for line in lines:
            if line:
                document.words(
                    line, x, y + grid.leading / 2 + grid.size * MM * SINK, grid.size, bold=bold, align=align
                )
            y += grid.leading
    for edge in grid.edges:
        document.rule(edge, top, edge, top + height)
    for line_y in (top, top + height):
        document.rule(grid.edges[0], line_y, grid.edges[-1], line_y)
    document.y = top + height
