"""Pictures drawn on the server: pure functions from data to a `Chart`, which carries its words and the table behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from kit.charts.svg import Attribute, Mark, Share, box, drawn, letters, line

FILE_WIDTH, MARGIN, HEADING = 720, 16, 32
LETTER = 14  # pixels, also in static/css/charts.css
LINE_CELLS = 40  # half-width letters of this size that a phone's picture holds on a line
LONGEST_BAR = 64.0  # of 100: the rest is for the number beside it
LEFT, RIGHT, TOP, BOTTOM = 9.0, 99.0, 24, 190  # the field of a step chart
Place = Callable[[float], Attribute]


@dataclass(frozen=True)
class Part:
    """A value with its words: what one bar shows. `shown` stands beside it instead of the bare number."""

    label: str
    value: float
    tone: str = "primary"
    shown: str = ""

    @property
    def words(self) -> str:
        return self.shown or plain(self.value)


@dataclass(frozen=True)
class Row:
    """One line of a bar chart: a label, and one part or several."""

    label: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Limit:
    """A dashed line across a step chart, with its words."""

    label: str
    value: float
    tone: str


@dataclass(frozen=True)
class Text:
    """What is said of a picture: `name` is its id and file name, `header` and `rows` are the table behind it."""

    name: str
    title: str
    description: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()


@dataclass(frozen=True)
class Chart:
    text: Text
    height: int
    marks: Sequence[Mark] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.marks

    @property
    def svg(self) -> SafeString:
        """For the page: as wide as its place, coloured by classes."""
        return format_html(
            '<svg class="chart-svg" role="img" aria-labelledby="{0}-title {0}-desc" width="100%" height="{1}">'
            '<title id="{0}-title">{2}</title><desc id="{0}-desc">{3}</desc>{4}</svg>',
            self.text.name,
            self.height,
            self.text.title,
            self.text.description,
            drawn(self.marks),
        )

    def file(self) -> SafeString:
        """To take along: an SVG of a fixed width with its title and colours in it."""
        within = FILE_WIDTH - 2 * MARGIN
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{0}" height="{1}" viewBox="0 0 {0} {1}" '
            'font-family="sans-serif" font-size="{2}"><title>{3}</title><desc>{4}</desc>'
            '<rect width="{0}" height="{1}" fill="#fff"/><g transform="translate({5} {5})">{6}</g>'
            '<g transform="translate({5} {7})">{8}</g></svg>',
            FILE_WIDTH,
            self.height + 2 * MARGIN + HEADING,
            LETTER,
            self.text.title,
            self.text.description,
            MARGIN,
            drawn([letters(0, LETTER, [("ink", self.text.title)])], within),
            MARGIN + HEADING,
            drawn(self.marks, within),
        )


def plain(value: float) -> str:
    """12, 2.5, 1,234: no trailing zeros."""
    rounded = round(float(value), 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def bars(text: Text, rows: Sequence[Row]) -> Chart:
    """A label above each bar, the number beside it. Several parts of a row stand one below the other."""
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
        words = [
            pair
            for part in row.parts
            for pair in ((part.tone, "■ "), ("ink", f"{part.label} {part.words}\u2003"))
        ]
        marks.append(letters(0, y + 42, words))
        y += 60
    return Chart(text, y, marks)


def steps(
    text: Text,
    values: Sequence[float],
    limits: Sequence[Limit] = (),
    labels: Sequence[tuple[float, str]] = (),
    span: float = 1,
) -> Chart:
    """A number that holds until it changes. `values` follow each other over the first `span` of the width, `labels` stand
    at places of it; both places are 0–1."""
    if not values:
        return Chart(text, 0)
    most = max([1.0, *values, *(limit.value for limit in limits)])

    def along(share: float) -> Share:
        return Share(LEFT + (RIGHT - LEFT) * share)

    def up(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / most, 1)

    marks = _field(along, most, limits, up)
    marks += _stairs(values, lambda share: along(share * span), up, BOTTOM)
    marks += [letters(along(place), BOTTOM + 22, [("muted", label)]) for place, label in labels]
    return Chart(text, BOTTOM + 30, marks)


def _field(
    along: Callable[[float], Share], most: float, limits: Sequence[Limit], up: Callable[[float], float]
) -> list[Mark]:
    """The base, the top, and the limits: their words stand left and right in turn, so that close ones do not cover each other."""
    marks = []
    for value, y in ((0.0, float(BOTTOM)), (most, float(TOP))):
        marks.append(line("line", (along(0), y), (along(1), y)))
        marks.append(letters(0, y + 5, [("muted", plain(value))]))
    for index, limit in enumerate(limits):
        y, right = up(limit.value), index % 2 == 0
        marks.append(line(limit.tone, (along(0), y), (along(1), y), stroke_dasharray="6 4"))
        place = along(1 if right else 0.01)
        marks.append(letters(place, y - 5, [("muted", limit.label)], "end" if right else "start"))
    return marks


def _stairs(values: Sequence[float], along: Place, up: Callable[[float], float], bottom: float) -> list[Mark]:
    """The step line over its shade: one tread a value, all of the same length."""
    marks: list[Mark] = []
    for index, value in enumerate(values):
        start, end, y = along(index / len(values)), along((index + 1) / len(values)), up(value)
        width = Share(float(end) - float(start))
        marks.append(box("shade", start, y, width, round(bottom - y, 1)))
        if index and value != values[index - 1]:
            marks.append(line("primary", (start, up(values[index - 1])), (start, y), stroke_width=2.5))
        marks.append(line("primary", (start, y), (end, y), stroke_width=2.5))
    return marks


def split_bar(parts: Sequence[Part], title: str) -> SafeString:
    """A small stacked bar for a table's cell; the numbers stand in the table beside it."""
    return _small("chart-split", 12, title, _segments(parts, 0, 12))


def sparkline(values: Sequence[float], title: str) -> SafeString:
    """The way of a number through the year for a table's cell; the number of today stands beside it."""
    if not values:
        return mark_safe("")
    most = max([1.0, *values])
    stairs = _stairs(values, lambda share: Share(100 * share), lambda v: round(22 - 19 * v / most, 1), 23)
    return _small("chart-spark", 24, title, stairs)


def wrapped(label: str, cells: int = LINE_CELLS) -> list[str]:
    """A label in lines that fit a phone; full-width letters take two cells. Nothing is cut off; no label, no line."""
    lines, used = [""] if label else [], 0
    for letter in label:
        width = 2 if east_asian_width(letter) in "WF" else 1
        if used + width > cells:
            lines.append("")
            used = 0
        lines[-1] += letter
        used += width
    return lines


def _label(label: str, y: int) -> list[Mark]:
    return [letters(0, y + 15 + 20 * index, [("ink", words)]) for index, words in enumerate(wrapped(label))]


def _small(css: str, height: int, title: str, marks: Sequence[Mark]) -> SafeString:
    return format_html(
        '<svg class="{}" role="img" width="100%" height="{}"><title>{}</title>{}</svg>',
        css,
        height,
        title,
        drawn(marks),
    )


def _segments(parts: Sequence[Part], y: float, height: float) -> list[Mark]:
    total = sum(max(part.value, 0) for part in parts)
    marks, x = [box("track", 0, y, Share(100), height)], 0.0
    for part in parts:
        if total and part.value > 0:
            width = 100 * part.value / total
            marks.append(box(part.tone, Share(x), y, Share(width), height))
            x += width
    return marks
