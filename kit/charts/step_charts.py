"""Step lines: a number that holds until it changes, with limits across, and a small one for a table's cell."""

from collections.abc import Callable, Sequence

from django.utils.safestring import SafeString, mark_safe

from kit.charts.chart import Chart, Limit, Text, plain
from kit.charts.svg import Attribute, Mark, Share, box, letters, line, small

LEFT, RIGHT, TOP, BOTTOM = 9.0, 99.0, 24, 190  # the field of a step chart
Place = Callable[[float], Attribute]


def steps(
    text: Text,
    values: Sequence[float],
    limits: Sequence[Limit] = (),
    labels: Sequence[tuple[float, str]] = (),
    span: float = 1,
) -> Chart:
    """Draw a number that holds until it changes. `values` follow each other over the first `span` of the width, `labels`
    mark places of it; both places are 0–1.
    """
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
    """Draw the base, the top, and the limits, whose labels alternate left and right, so that close ones do not overlap."""
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


def sparkline(values: Sequence[float], title: str) -> SafeString:
    """Draw the course of a number through the year for a table's cell; today's number is beside it."""
    if not values:
        return mark_safe("")
    most = max([1.0, *values])
    stairs = _stairs(values, lambda share: Share(100 * share), lambda v: round(22 - 19 * v / most, 1), 23)
    return small("chart-spark", 24, title, stairs)
