"""Bars: one or several below a label, parts of a whole in one bar, and a small one for a table's cell."""

from collections.abc import Sequence
from unicodedata import east_asian_width

from django.utils.safestring import SafeString

from kit.charts.chart import Chart, Part, Row, Text
from kit.charts.svg import Mark, Share, box, letters, small

LINE_CELLS = 40  # half-width characters of this size that a phone's picture fits on a line
LONGEST_BAR = 64.0  # of 100: the rest is for the number beside it


def bars(text: Text, rows: Sequence[Row]) -> Chart:
    """Draw a label above each bar, the number beside it. Several parts of a row are drawn one below the other."""
    most = max((part.value for row in rows for part in row.parts), default=0)
    marks: list[Mark] = []
    y = 0
    for row in rows:
        marks += _label(row.label, y)
        y += 20 * len(wrapped(row.label))
        for part in row.parts:
            width = LONGEST_BAR * part.value / most if most and part.value > 0 else 0
            marks += [box("track", 0, y, Share(LONGEST_BAR), 14), box(part.tone, 0, y, Share(width), 14)]
            marks.append(letters(Share(LONGEST_BAR + 1.5), y + 12, [("ink", part.words)]))
            y += 20
        y += 8
    return Chart(text, y, marks)


def stacked(text: Text, rows: Sequence[Row]) -> Chart:
    """Parts of a whole in one bar, their words and numbers below it: the colour is never alone."""
    marks: list[Mark] = []
    y = 0
    for row in rows:
        marks += _label(row.label, y)
        y += 20 * len(wrapped(row.label))
        marks += _segments(row.parts, y, 22)
        lines = _legend(row.parts)
        marks += [letters(0, y + 42 + 20 * index, words) for index, words in enumerate(lines)]
        y += 40 + 20 * len(lines)
    return Chart(text, y, marks)


def _legend(parts: Sequence[Part]) -> list[list[tuple[str, str]]]:
    """Return the words and numbers of parts in lines that fit a phone, each part whole."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for part in parts:
        mark, words = "■ ", f"{part.label} {part.words}\u2003"
        width = cells_of(mark + words) + 2  # a square and the wide space take two cells
        if lines[-1] and used + width > LINE_CELLS:
            lines.append([])
            used = 0
        lines[-1] += [(part.tone, mark), ("ink", words)]
        used += width
    return lines


def split_bar(parts: Sequence[Part], title: str) -> SafeString:
    """Draw a small stacked bar for a table's cell; the numbers are beside it in the table."""
    return small("chart-split", 12, title, _segments(parts, 0, 12))


def wrapped(label: str, cells: int = LINE_CELLS) -> list[str]:
    """Wrap a label in lines that fit a phone; full-width characters take two cells. Nothing is cut off; no label, no line.

    Words of letters stay whole where the line has a blank before them.
    """
    lines = [""] if label else []
    for letter in label:
        if cells_of(lines[-1] + letter) > cells:
            kept, blank, word = lines[-1].rpartition(" ")
            is_word = bool(kept) and letter != " " and word.isascii() and letter.isascii()
            lines[-1] = kept + blank if is_word else lines[-1]
            lines.append(word if is_word else "")
        lines[-1] += letter
    return lines


def cells_of(text: str) -> int:
    """Return how many half-width characters a text is wide; full-width ones take two cells."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _label(label: str, y: int) -> list[Mark]:
    return [letters(0, y + 15 + 20 * index, [("ink", words)]) for index, words in enumerate(wrapped(label))]


def _segments(parts: Sequence[Part], y: float, height: float) -> list[Mark]:
    total = sum(max(part.value, 0) for part in parts)
    marks, x = [box("track", 0, y, Share(100), height)], 0.0
    for part in parts:
        if total and part.value > 0:
            width = 100 * part.value / total
            marks.append(box(part.tone, Share(x), y, Share(width), height))
            x += width
    return marks
