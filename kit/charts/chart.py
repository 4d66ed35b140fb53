"""A picture with its words and the table behind it, for the page and as a file; the values that it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from kit.charts.svg import Mark, drawn, letters

FILE_WIDTH, MARGIN, HEADING = 720, 16, 32
LETTER = 14  # pixels, also in static/css/charts.css


@dataclass(frozen=True)
class Part:
    """A value with its label: one bar. `shown` is displayed beside it instead of the bare number."""

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
    """The texts of a picture: `name` is its id and file name, `header` and `rows` are the table behind it."""

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

    @property
    def table_rows(self) -> SafeString:
        """The rows of the table behind the picture, as HTML: a template takes longer for them than for the rest of the page."""
        return SafeString("".join(_row(row) for row in self.text.rows))

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


def _row(row: Sequence[object]) -> str:
    first, *others = (conditional_escape(str(cell)) for cell in row)
    cells = "".join(f'<td class="num">{cell}</td>' for cell in others)
    return f'<tr><th scope="row">{first}</th>{cells}</tr>'


def plain(value: float) -> str:
    """12, 2.5, 1,234: no trailing zeros."""
    rounded = round(float(value), 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"
