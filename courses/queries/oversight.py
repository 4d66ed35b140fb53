"""What a county and the operator see: units by need, the nation by county, last year's rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any, Protocol, cast

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, ExtractMonth

from accounts.models import County, Unit
from accounts.queries.units import known_by
from courses.enums import Colour
from courses.models import Course, LightChange, UnitLight, YearlyPolicy
from courses.models.lookups import AnyOf
from courses.models.querysets import CourseQuerySet, lighting_q
from courses.queries.lights import rest_is_due
from kit import clock

LESS_URGENT = ("-unclosed", F("oldest_ended_on").asc(nulls_last=True), "unit__code", "unit__level")


def lights_of(county_id: int | None, year: int) -> QuerySet[UnitLight]:
    """The stored lights of a county's units (of all counties when None), sorted by need: overdue, then unclosed, then oldest."""
    rows = UnitLight.objects.filter(year=year).select_related("unit__county")
    if county_id is not None:
        rows = rows.filter(AnyOf(F("unit_id"), Unit.objects.filter(county=county_id)))
    return rows.order_by("-overdue", *LESS_URGENT)


class HasRest(Protocol):
    """A light of `lights_now`."""

    rest: int | None


def unclosed_last_year(light: UnitLight) -> int | None:
    """Return how many courses of last year the unit has not closed, None once that is over: of a row of `lights_now`."""
    return cast(HasRest, light).rest


def lights_now(county_id: int | None) -> QuerySet[UnitLight]:
    """This year's lights, each with `rest`: the unit's unclosed courses of last year until their final deadline, then None.

    While there is such a rest, it is part of the need by which the units are sorted.
    """
    year = clock.this_year()
    rows = lights_of(county_id, year)
    if not rest_is_due(year, clock.today()):
        return rows.annotate(rest=Value(None, IntegerField()))
    last = UnitLight.objects.filter(unit=OuterRef("unit"), year=year - 1).values("unclosed")
    return rows.annotate(rest=Coalesce(Subquery(last), 0)).order_by("-overdue", "-rest", *LESS_URGENT)


def lights_matching(county_id: int | None, colour: str, words: str) -> QuerySet[UnitLight]:
    """This year's lights of the colour (any when it is none), of units that are, or were, known by each of the words."""
    rows = lights_now(county_id)
    if colour in Colour.values:
        rows = rows.filter(colour=colour)
    for word in words.split():
        rows = rows.filter(known_by(word, "unit"))
    return rows


def with_need(rows: QuerySet[UnitLight]) -> QuerySet[UnitLight]:
    """Of `lights_now`, the units that have something to close: what a chase of all of them means."""
    return rows.filter(Q(overdue__gt=0) | Q(rest__gt=0))


def counties(year: int) -> QuerySet[County]:
    """Return each county with its units by colour, its unclosed and overdue courses of a ROC year: one query."""
    lit = Q(units__lights__year=year)
    return County.objects.annotate(
        units_total=Count("units", distinct=True),
        red=Count("units__lights", filter=lit & Q(units__lights__colour=Colour.RED), distinct=True),
        yellow=Count("units__lights", filter=lit & Q(units__lights__colour=Colour.YELLOW), distinct=True),
        green=Count("units__lights", filter=lit & Q(units__lights__colour=Colour.GREEN), distinct=True),
        overdue=Coalesce(Sum("units__lights__overdue", filter=lit), 0),
        unclosed=Coalesce(Sum("units__lights__unclosed", filter=lit), 0),
    ).order_by("-red", "-overdue", "order", "id")


def colours(county_id: int | None, year: int) -> dict[str, int]:
    """Return how many units have each colour."""
    rows = lights_of(county_id, year).order_by().values_list("colour")
    return dict(rows.annotate(n=Count("pk")))


def chased(rows: QuerySet[UnitLight]) -> QuerySet[UnitLight]:
    """Return the lights with when and by whom the unit was last reminded of a course that is still unclosed."""
    told = Course.objects.unclosed().filter(unit=OuterRef("unit"), notified_at__isnull=False)
    latest = told.order_by("-notified_at")
    return rows.annotate(
        chased_at=Subquery(latest.values("notified_at")[:1]),
        chased_by=Subquery(latest.values("notified_by")[:1]),
    )


def overdue_by(column: str, county_id: int | None, year: int) -> list[tuple[str, int, int, int]]:
    """Of each value of a column of the lights: overdue courses, red units, units; the most overdue first."""
    rows = lights_of(county_id, year).order_by().values_list(column)
    counted = rows.annotate(
        courses=Sum("overdue"), red=Count("pk", filter=Q(colour=Colour.RED)), units=Count("pk")
    )
    return list(counted.order_by("-courses", column))


def reds_by_month(year: int) -> dict[int, list[int]]:
    """Return for each county how many units were red at the end of each month so far, from the recorded changes."""
    month = ExtractMonth("at", tzinfo=clock.TAIPEI)
    within = Q(at__lt=clock.end_of_day(clock.year_bounds(year)[1]))
    changes = LightChange.objects.filter(within, year=year).annotate(month=month).order_by()
    rows: Iterable[Any] = changes.values_list("unit__county", "month").annotate(
        turned=Count("pk", filter=Q(after=Colour.RED)),
        # What was red at the turn of the year was so in the year before.
        left=Count("pk", filter=Q(before=Colour.RED) & ~Q(cause=LightChange.NEW_YEAR)),
    )
    last = clock.today().month if year == clock.this_year() else 12
    moves: dict[int, list[int]] = {}
    for county, number, turned, left in rows:
        moves.setdefault(county, [0] * last)[min(number, last) - 1] += turned - left
    return {county: list(accumulate(months)) for county, months in moves.items()}


def year_end(year: int, county_id: int | None) -> QuerySet[Course]:
    """Return the unclosed courses of a ROC year that are over, oldest first, for the final deadline (letter, point 9)."""
    rows = Course.objects.closable().filter(year=year).select_related("unit__county", "handler__user")
    if county_id is not None:
        rows = rows.filter(unit__county_id=county_id)
    return rows.order_by("unit__county__order", "unit__code", "ends_on", "id")


def to_chase(at: datetime | None = None) -> CourseQuerySet:
    """What a county chases: the courses that light their units this year and, until its final deadline, the rest of last year."""
    year, day = clock.this_year(at), clock.today(at)
    due = lighting_q(year, day, YearlyPolicy.objects.current())
    if rest_is_due(year, day):
        due |= Q(year=year - 1, ends_at__lte=at or clock.now())
    return Course.objects.unclosed().filter(due)


@dataclass(frozen=True)
class Rest:
    """Last year's unclosed courses of a county or of all, shown beside this year's until their final deadline."""

    year: int
    final_deadline: date
    courses: int


def rest_of(county_id: int | None) -> Rest | None:
    """None once the final deadline has passed."""
    year = clock.this_year()
    if not rest_is_due(year, clock.today()):
        return None
    found = lights_of(county_id, year - 1).order_by().aggregate(n=Coalesce(Sum("unclosed"), 0))
    return Rest(year - 1, YearlyPolicy.objects.in_force(year - 1).announced_last_day, found["n"])


def last_year(at: datetime | None = None) -> int:
    """The ROC year whose courses face their final deadline now."""
    return clock.this_year(at) - 1
