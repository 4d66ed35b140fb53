"""Keeping the stored lights: the job, the command and every act that changes a count come here."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Unit
from courses.actions import light_notices
from courses.enums import Colour
from courses.locks import lock_lights
from courses.models import LightChange, UnitLight, YearlyPolicy
from courses.models.policy import policy_of
from courses.queries import lights
from kit import clock

# What follows from the counts is written by the statement that counts: no row travels to Python and back. PostgreSQL and SQLite alike.
WRITE = """
    UPDATE courses_unitlight SET
        overdue = counted.overdue_now,
        unclosed = counted.unclosed_now,
        oldest_ended_on = counted.oldest_now,
        colour = counted.colour_now,
        registration_open = counted.overdue_now < %(red_at)s,
        computed_at = %(moment)s,
        changed_at = CASE WHEN colour <> counted.colour_now THEN %(moment)s ELSE changed_at END
    FROM (
        SELECT numbers.*, CASE WHEN overdue_now >= %(red_at)s THEN 'red' WHEN overdue_now >= %(yellow_at)s THEN 'yellow' ELSE 'green' END
            AS colour_now
        FROM (
            SELECT accounts_unit.id AS of_unit, COALESCE(found.counted_overdue, 0) AS overdue_now,
                COALESCE(found.counted_unclosed, 0) AS unclosed_now, found.counted_oldest AS oldest_now
            FROM accounts_unit LEFT JOIN ({counting}) found ON found.unit_id = accounts_unit.id
        ) numbers
    ) counted
    WHERE unit_id = counted.of_unit AND year = %(year)s {only}
    RETURNING unit_id, colour, overdue
"""


@dataclass(frozen=True)
class Summary:
    """What a run did: units counted, units of each colour, lights changed, seconds taken."""

    units: int
    green: int
    yellow: int
    red: int
    changed: int
    seconds: float

    def as_dict(self) -> dict[str, int | float]:
        return asdict(self)


@dataclass(frozen=True)
class _Before:
    """The colour that a unit's people know, and whether it is that of the year before: the row's own year begins with this count."""

    colour: str
    new_year: bool = False


@transaction.atomic
def follow(
    *, unit_ids: Iterable[int], years: Iterable[int | None], at: datetime | None = None, cause: str
) -> None:
    """Recount every light that an act on courses of the given ROC years may have changed: those years' own, the current one, and
    each later one that counts earlier years. The running year comes first, so that a new one begins from what was known."""
    moment = at or clock.now()
    units = list(unit_ids)
    for year in lights.years_touched(years, clock.this_year(moment)):
        refresh(unit_ids=units, year=year, at=moment, cause=cause)


def complete(*, county_id: int | None = None, year: int | None = None, at: datetime | None = None) -> int:
    """Count the units of a county (of all when None) that have no light yet: a list of lights has every unit.

    Of one ROC year, or of the current one and the one before while its rest is shown beside. Return how many lights were made;
    usually none.
    """
    running = clock.this_year(at)
    years = [running, running - 1] if lights.rest_is_due(running, clock.today(at)) else [running]
    years = years if year is None else [year]
    return sum(_complete(year, county_id, at) for year in years)


def _complete(year: int, county_id: int | None, at: datetime | None) -> int:
    # One look-up a unit: a join would read the year's lights of the whole nation for one county.
    light = UnitLight.objects.filter(unit=OuterRef("pk"), year=year).values("pk")[:1]
    missing = Unit.objects.alias(light=Subquery(light)).filter(light=None).order_by("pk")
    if county_id is not None:
        missing = missing.filter(county=county_id)
    ids = list(missing.values_list("pk", flat=True))
    if ids:
        refresh(unit_ids=ids, year=year, at=at, cause="job")
    return len(ids)


@transaction.atomic
def refresh(
    *,
    unit_ids: Iterable[int] | None = None,
    year: int | None = None,
    at: datetime | None = None,
    cause: str = "job",
) -> Summary:
    """Recount the lights of a ROC year (default: the current one) for all units or the given ones, and store the changes.

    Lock the rows, then count, so that concurrent actions cannot store each other's outdated count. Record each change of colour
    with its time and count, and notify the unit's people. Red suspends registration, any other colour allows it (letter, point
    6). The first count of a year starts from the colour of the year before, so that the turn of the year is recorded and
    notified too. One transaction: a run that fails changes nothing, and a second run changes nothing more.
    """
    started = perf_counter()
    moment = at or clock.now()
    lit_year = year or clock.this_year(moment)
    wanted = None if unit_ids is None else sorted(set(unit_ids))
    before = _locked(wanted, lit_year, moment)
    lit = _count_anew(wanted, lit_year, moment)
    known = {unit: before[unit] for unit, _, _ in lit if unit in before}
    changes = [
        LightChange(
            unit_id=unit,
            year=lit_year,
            before=known[unit].colour,
            after=colour,
            overdue=overdue,
            cause=LightChange.NEW_YEAR if known[unit].new_year else cause,
            at=moment,
        )
        for unit, colour, overdue in lit
        if unit in known and _is_recorded(known[unit], colour)
    ]
    LightChange.objects.bulk_create(changes, batch_size=500)
    changed = [change for change in changes if change.before != change.after]
    if lit_year == clock.this_year(moment):
        light_notices.notify(changed, moment)
    return _summary([colour for _, colour, _ in lit], len(changed), perf_counter() - started)


def _is_recorded(before: _Before, colour: str) -> bool:
    """A change is; so is a year that begins with anything but green, which the year's own record would not show otherwise."""
    return before.colour != colour or (before.new_year and colour != Colour.GREEN)


def _locked(unit_ids: list[int] | None, year: int, moment: datetime) -> dict[int, _Before]:
    """Make the units' rows for the year where missing, lock them in primary-key order, and return what was known of each."""
    newyear = clock.at_taipei(clock.year_bounds(year)[0])
    if unit_ids is None:
        _make_missing(Unit.objects.all(), year, newyear)
    found = lock_lights(unit_ids, year)
    if unit_ids is not None and len(found) < len(unit_ids):
        _make_missing(Unit.objects.filter(pk__in=unit_ids), year, newyear)
        found = lock_lights(unit_ids, year)
    colours = {unit: _Before(colour) for unit, (colour, _) in found.items()}
    if year != clock.this_year(moment):
        return colours
    # Read from the locked rows: of two concurrent first counts only one starts the year.
    begins = {unit for unit, (_, counted) in found.items() if counted < newyear}
    return colours | _of_the_year_before(begins, year)


def _of_the_year_before(unit_ids: set[int], year: int) -> dict[int, _Before]:
    """Return the colours at the end of the year before; a unit without one begins as green."""
    if not unit_ids:
        return {}
    earlier = UnitLight.objects.filter(year=year - 1).exclude(colour=Colour.GREEN)
    known = earlier.values_list("unit_id", "colour")
    return {unit: _Before(colour, new_year=True) for unit, colour in known if unit in unit_ids}


def _make_missing(units: QuerySet[Unit], year: int, newyear: datetime) -> None:
    """Make rows that have not been counted in their year yet."""
    missing = units.exclude(lights__year=year).order_by("pk").values_list("pk", flat=True)
    uncounted = newyear - timedelta(seconds=1)
    UnitLight.objects.bulk_create(
        [UnitLight(unit_id=pk, year=year, computed_at=uncounted) for pk in missing],
        ignore_conflicts=True,
        batch_size=500,
    )


def _count_anew(unit_ids: list[int] | None, year: int, moment: datetime) -> list[tuple[int, str, int]]:
    """Count and store in one statement; return unit, colour and overdue courses of each row written."""
    policies = YearlyPolicy.objects.current()
    policy = policy_of(policies, year)
    counting, facts = _named(lights.counting(year, clock.today(moment), policies, unit_ids))
    facts |= {
        "year": year,
        "red_at": policy.unit_red_at,
        "yellow_at": policy.unit_yellow_at,
        "moment": connection.ops.adapt_datetimefield_value(moment),
    }
    only = ""
    if unit_ids is not None:
        only = f"AND unit_id IN ({', '.join(str(int(pk)) for pk in unit_ids) or 'NULL'})"
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(counting=counting, only=only), facts)
        return [(unit, colour, overdue) for unit, colour, overdue in cursor.fetchall()]


def _named(rows: QuerySet[Any, Any]) -> tuple[str, dict[str, Any]]:
    """A queryset's statement with named parameters, to be put into a larger one."""
    statement, parameters = rows.query.sql_with_params()
    names = [f"p{number}" for number in range(len(parameters))]
    return statement % tuple(f"%({name})s" for name in names), dict(zip(names, parameters, strict=True))


def _summary(colours: list[str], changed: int, seconds: float) -> Summary:
    return Summary(
        units=len(colours),
        green=colours.count(Colour.GREEN),
        yellow=colours.count(Colour.YELLOW),
        red=colours.count(Colour.RED),
        changed=changed,
        seconds=round(seconds, 3),
    )
