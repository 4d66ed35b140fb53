"""The forecast's words, picture and file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.models import County
from courses.presenters.lists import Row, day
from courses.queries.forecast import RedAhead
from kit import charts, clock
from kit.charts import Chart, Text
from kit.templatetags import ui

HEADER = ["縣市", "單位代碼", "單位名稱", "單位電話", "逾期未結案", "待結案", "轉為紅燈日期"]
WEEK = timedelta(days=7)


def rows(found: Iterable[RedAhead]) -> Iterator[Row]:
    """Return the cells under `HEADER`."""
    for row in found:
        unit = row.unit
        yield [unit.county_name, unit.code, unit.name, unit.phone, row.overdue, row.due, day(row.red_on)]


def file_name(county: County | None) -> str:
    return f"{county or '全國'}_{clock.this_year()}_紅燈預測"


def chart(today: date, red: int, days: Mapping[int, date]) -> Chart:
    """Draw how many units are red from today to the end of the year if nobody acts, by week. `days`: when which unit turns red."""
    end = clock.year_bounds(clock.roc_year(today))[1]
    points = [today + WEEK * week for week in range((end - today).days // 7 + 1)]
    counts = [red + sum(turns <= point for turns in days.values()) for point in points]
    text = Text(
        "forecast",
        _("Red units until the end of the year, if nobody acts"),
        _("Red today: %(now)s. Red on %(day)s: %(then)s.")
        % {"now": red, "day": ui.roc(points[-1]), "then": counts[-1]},
        (_("Day"), _("Red units")),
        [(ui.roc(point), count) for point, count in zip(points, counts, strict=True)],
    )
    return charts.steps(text, counts, (), _labels(points)) if any(counts) else Chart(text, 0)


def _labels(points: Sequence[date]) -> list[tuple[float, str]]:
    """Label the first week, and the middle one where it does not touch the first."""
    marked = [0, len(points) // 2] if len(points) > 3 else [0]
    return [(index / len(points), ui.roc(points[index])) for index in marked]
