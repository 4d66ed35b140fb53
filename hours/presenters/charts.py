"""The pictures of a teacher's record."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from hours.queries.teacher import YearHours
from kit import charts
from kit.charts import Chart, Part, Row, Text
from kit.templatetags import ui


def by_topic(rows: Sequence[tuple[str, Decimal]], year: int) -> Chart:
    """Hours of a ROC year by topic."""
    named = [(name or _("without a topic"), float(hours)) for name, hours in rows]
    text = Text(
        "topics",
        _("Hours by topic, %(year)s") % {"year": ui.year(year)},
        _("A course with several topics counts for each of them."),
        (_("Topic"), _("Hours")),
        [(name, charts.plain(hours)) for name, hours in named],
    )
    return charts.bars(text, [Row(name, [_hours(hours)]) for name, hours in named])


def by_year(found: Sequence[YearHours]) -> Chart:
    """Return the hours as a participant of each ROC year, newest first."""
    rows = [row for row in found if row.hours > 0]
    text = Text(
        "years",
        _("Hours by year"),
        _("All hours as a participant that count, by the year of the course."),
        (_("Year"), _("Hours")),
        [(ui.year(row.year), charts.plain(float(row.hours))) for row in rows],
    )
    return charts.bars(text, [Row(ui.year(row.year), [_hours(float(row.hours))]) for row in rows])


def _hours(hours: float) -> Part:
    return Part("", hours, "primary", _("%(n)s h") % {"n": charts.plain(hours)})
