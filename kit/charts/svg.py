"""Marks of a picture and how they become SVG: coloured by classes in the page, by attributes in a file.

Widths are shares of the picture (`Share`), heights are pixels, and the page's SVG has no viewBox: bars grow with the window
while text keeps its size, on a phone as on a desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

# What a file is coloured with; in the page static/css/charts.css gives each tone its variable.
TONES = {
    "primary": "#0b5c73", "shade": "#d5e6eb", "green": "#2f9e5f", "yellow": "#d99a00", "red": "#d23b3b",
    "plain": "#82959e", "ink": "#1d2b33", "muted": "#52626b", "line": "#c3d0d6", "track": "#eef1f2",
}  # fmt: skip


class Share(float):
    """A part of the picture's width, 0–100."""


Attribute = Share | float | int | str
Spans = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Mark:
    """One shape or line of text. Rectangles and text are filled with their tone, lines drawn in it."""

    tag: str
    tone: str
    attributes: Mapping[str, Attribute]
    spans: Spans = ()


def box(tone: str, x: Attribute, y: Attribute, width: Attribute, height: Attribute) -> Mark:
    return Mark("rect", tone, {"x": x, "y": y, "width": width, "height": height})


def line(
    tone: str, start: tuple[Attribute, Attribute], end: tuple[Attribute, Attribute], **more: Attribute
) -> Mark:
    """`more` are attributes with _ for -."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return Mark("line", tone, {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1], **named})


def letters(x: Attribute, y: Attribute, spans: Spans, anchor: str = "start") -> Mark:
    """A line of text in pieces of (tone, words)."""
    return Mark("text", "ink", {"x": x, "y": y, "text-anchor": anchor}, spans)


def drawn(marks: Sequence[Mark], width: int | None = None) -> SafeString:
    """The marks as SVG: for the page, or for a file of a width in pixels."""
    return SafeString("".join(_mark(mark, width) for mark in marks))


def small(css: str, height: int, title: str, marks: Sequence[Mark]) -> SafeString:
    """Draw a picture for a table's cell; its numbers are beside it in the table."""
    return format_html(
        '<svg class="{}" role="img" width="100%" height="{}"><title>{}</title>{}</svg>',
        css,
        height,
        title,
        drawn(marks),
    )


def _mark(mark: Mark, width: int | None) -> str:
    """Return one mark. `format_html` would take most of the time of a page with charts: only words and texts need escaping."""
    attributes = "".join(f' {name}="{_size(value, width)}"' for name, value in mark.attributes.items())
    if mark.tag == "text":
        spans = (
            f"<tspan{_paint('fill', tone, width)}>{conditional_escape(words)}</tspan>"
            for tone, words in mark.spans
        )
        return f"<text{attributes}>{''.join(spans)}</text>"
    paint = "line" if mark.tag == "line" else "fill"
    return f"<{mark.tag}{_paint(paint, mark.tone, width)}{attributes}/>"


def _paint(paint: str, tone: str, width: int | None) -> str:
    if width is None:
        return f' class="chart-{paint}-{tone}"'
    return f' {"stroke" if paint == "line" else "fill"}="{TONES[tone]}"'


def _size(value: Attribute, width: int | None) -> str:
    if isinstance(value, Share):
        return f"{value:.2f}%" if width is None else f"{value * width / 100:.1f}"
    return str(conditional_escape(value)) if isinstance(value, str) else str(value)
