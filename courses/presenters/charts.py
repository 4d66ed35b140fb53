"""The pictures of a unit and of a county, with their words. Counting is done by courses.queries, drawing by kit.charts."""

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import fmean

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Unit
from courses.enums import Colour
from courses.models import YearlyPolicy
from courses.models.policy import policy_of
from courses.queries import overdue_history, oversight
from kit import charts, clock
from kit.charts import Chart, Limit, Part, Row, Text
from kit.templatetags import ui

Policies = Mapping[int, YearlyPolicy]
# Days from the end of a course to its closing: first and last of each group.
GROUPS: Sequence[tuple[int, int | None]] = ((0, 7), (8, 14), (15, 30), (31, 60), (61, None))


def of_unit(unit: Unit, year: int, today: date, policies: Policies) -> dict[str, Chart]:
    """Two queries beside the policies."""
    found = [light_history(unit, year, today, policies), closing_speed(unit, year)]
    return {chart.text.name: chart for chart in found}


def light_history(unit: Unit, year: int, today: date, policies: Policies) -> Chart:
    """Overdue courses of a unit through the year, with the thresholds of its light."""
    policy = policy_of(policies, year)
    days = overdue_history.weeks(year, today)
    counts = overdue_history.overdue_on(days, overdue_history.overdue_spans(year, Q(unit=unit.pk), policies))
    title = _("The unit's light through %(year)s") % {"year": ui.year(year)}
    said = _(
        "Overdue courses on each seventh day, counted by the policy in force now. Most: %(most)s. Now: %(now)s."
    )
    text = Text(
        "light",
        title,
        said % {"most": max(counts, default=0), "now": counts[-1] if counts else 0},
        (_("Day"), _("Overdue")),
        [(ui.roc(day), count) for day, count in zip(days, counts, strict=True)],
    )
    limits = [
        Limit(_("red from %(n)s") % {"n": policy.unit_red_at}, policy.unit_red_at, "red"),
        Limit(_("yellow from %(n)s") % {"n": policy.unit_yellow_at}, policy.unit_yellow_at, "yellow"),
    ]
    return charts.steps(text, counts, limits, quarters(year), _elapsed(year, today))


def closing_speed(unit: Unit, year: int) -> Chart:
    """How many days the unit takes to close, beside the county."""
    county, own = overdue_history.closing_speed(year, Q(unit__county=unit.county_id), Q(unit=unit.pk))
    title = _("Days from the end of a course to its closing, %(year)s") % {"year": ui.year(year)}
    text = Text("speed", title, _medians(own, county), *_speed_table(own, county))
    if not own.courses:
        return Chart(text, 0)
    rows = [
        Row(
            _group(*group),
            [_share(own, "primary", _("unit"), *group), _share(county, "plain", _("county"), *group)],
        )
        for group in GROUPS
    ]
    return charts.bars(text, rows)


def _share(speed: overdue_history.Speed, tone: str, whose: str, first: int, last: int | None) -> Part:
    share = speed.share(first, last)
    return Part(whose, share, tone, f"{whose} {share:.0f}%")


def _medians(own: overdue_history.Speed, county: overdue_history.Speed) -> str:
    if own.median is None or county.median is None:
        return _("No course of this year is closed yet.")
    said = _(
        "Half of the unit's %(courses)s closed courses were closed within %(own)s days; in the county within %(county)s days."
    )
    return said % {
        "courses": own.courses,
        "own": charts.plain(own.median),
        "county": charts.plain(county.median),
    }


def _speed_table(
    own: overdue_history.Speed, county: overdue_history.Speed
) -> tuple[Sequence[str], list[Sequence[object]]]:
    header = (_("Days"), _("Unit: courses"), _("Unit: %"), _("County: courses"), _("County: %"))
    rows: list[Sequence[object]] = [
        (
            _group(*group),
            own.between(*group),
            f"{own.share(*group):.1f}",
            county.between(*group),
            f"{county.share(*group):.1f}",
        )
        for group in GROUPS
    ]
    return header, rows


def _group(first: int, last: int | None) -> str:
    if last is None:
        return _("%(first)s days and more") % {"first": first}
    return _("%(first)s to %(last)s days") % {"first": first, "last": last}


def of_county(county_id: int | None, year: int, today: date, policies: Policies) -> dict[str, Chart]:
    """Of a county's units, or of all: four queries beside the policies."""
    found = [
        colours(oversight.colours(county_id, year), year),
        reds(county_id, year, today, policies),
        places(county_id, year),
        levels(county_id, year),
    ]
    return {chart.text.name: chart for chart in found}


def colours(counts: Mapping[str, int], year: int) -> Chart:
    """Return how many units have each colour."""
    parts = [Part(str(colour.label), counts.get(colour.value, 0), colour.value) for colour in BY_NEED]
    total = sum(part.value for part in parts)
    said = ngettext("%(n)s unit", "%(n)s units", int(total)) % {"n": charts.plain(total)}
    text = Text(
        "colours",
        _("Lights of the units, %(year)s") % {"year": ui.year(year)},
        said,
        (_("Light"), _("Units")),
        [(p.label, p.value) for p in parts],
    )
    return charts.stacked(text, [Row("", parts)] if total else [])


BY_NEED = (Colour.RED, Colour.YELLOW, Colour.GREEN)


def reds(county_id: int | None, year: int, today: date, policies: Policies) -> Chart:
    """Return how many units were red on each seventh day of the year."""
    policy = policy_of(policies, year)
    scope = Q() if county_id is None else Q(unit__county=county_id)
    days = overdue_history.weeks(year, today)
    counts = overdue_history.units_from(
        policy.unit_red_at, days, overdue_history.overdue_spans(year, scope, policies)
    )
    said = _(
        "Units with %(limit)s overdue courses or more on each seventh day. On average: %(mean)s. Now: %(now)s."
    )
    mean = charts.plain(fmean(counts)) if counts else "0"
    text = Text(
        "reds",
        _("Red units through %(year)s") % {"year": ui.year(year)},
        said % {"limit": policy.unit_red_at, "mean": mean, "now": counts[-1] if counts else 0},
        (_("Day"), _("Red units")),
        [(ui.roc(day), count) for day, count in zip(days, counts, strict=True)],
    )
    return charts.steps(text, counts, (), quarters(year), _elapsed(year, today))


def places(county_id: int | None, year: int) -> Chart:
    """Overdue courses by town, or by county where all counties are looked at."""
    by_county = county_id is None
    return _overdue(
        "places",
        _("Overdue courses by county") if by_county else _("Overdue courses by town"),
        oversight.overdue_by("unit__county__name" if by_county else "unit__district", county_id, year),
    )


def levels(county_id: int | None, year: int) -> Chart:
    """Overdue courses by level of the school."""
    names = dict(Unit._meta.get_field("level").flatchoices)
    rows = oversight.overdue_by("unit__level", county_id, year)
    named = [(str(names.get(level, level)), overdue, red, units) for level, overdue, red, units in rows]
    return _overdue("levels", _("Overdue courses by level"), named)


def _overdue(name: str, title: str, rows: Sequence[tuple[str, int, int, int]]) -> Chart:
    rows = [(label or _("no place given"), courses, red, units) for label, courses, red, units in rows]
    shown = [row for row in rows if row[1]]
    total = sum(row[1] for row in shown)
    said = _("%(n)s overdue courses in all; places without any are in the table only.") % {"n": total}
    text = Text(name, title, said, (_("Where"), _("Overdue"), _("Red units"), _("Units")), rows)
    return charts.bars(text, [_place(*row) for row in shown])


def _place(label: str, overdue: int, red: int, units: int) -> Row:
    """The number is beside the bar; the count of red units is beside the name, so that both fit a phone."""
    said = ngettext("%(place)s (%(n)s red unit)", "%(place)s (%(n)s red units)", red)
    words = said % {"place": label, "n": red} if red else label
    return Row(words, [Part("", overdue, "red" if red else "yellow")])


def quarters(year: int) -> list[tuple[float, str]]:
    """Where the quarters of a year begin, 0–1, with the name of their month."""
    first, last = clock.year_bounds(year)
    starts = [first.replace(month=month) for month in (1, 4, 7, 10)]
    names = (_("Jan"), _("Apr"), _("Jul"), _("Oct"))
    return [((day - first).days / (last - first).days, name) for day, name in zip(starts, names, strict=True)]


def _elapsed(year: int, today: date) -> float:
    """How much of the year lies behind, 0–1."""
    first, last = clock.year_bounds(year)
    return min(((today - first).days + 1) / ((last - first).days + 1), 1)
