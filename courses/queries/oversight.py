"""What a county and the operator see: units by need, the nation by county, last year's rest."""

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import County, Unit
from courses.enums import Colour
from courses.models import Course, UnitLight
from inservice import clock


def lights_of(county_id: int | None, year: int) -> QuerySet[UnitLight]:
    """The lights of a county's units (of all counties when None), sorted by need: overdue, then unclosed, then oldest."""
    rows = UnitLight.objects.filter(year=year).select_related("unit__county")
    if county_id is not None:
        rows = rows.filter(unit__county_id=county_id)
    return rows.order_by(
        "-overdue", "-unclosed", F("oldest_ended_on").asc(nulls_last=True), "unit__code", "unit__level"
    )


def counties(year: int) -> QuerySet[County]:
    """Each county with its units, how many stand at each colour, unclosed and overdue courses of a ROC year: one query."""
    lit = Q(units__lights__year=year)
    return County.objects.annotate(
        units_total=Count("units", distinct=True),
        red=Count("units__lights", filter=lit & Q(units__lights__colour=Colour.RED), distinct=True),
        yellow=Count("units__lights", filter=lit & Q(units__lights__colour=Colour.YELLOW), distinct=True),
        overdue=Coalesce(Sum("units__lights__overdue", filter=lit), 0),
        unclosed=Coalesce(Sum("units__lights__unclosed", filter=lit), 0),
    ).order_by("-red", "-overdue", "order", "id")


def year_end(year: int, county_id: int | None) -> QuerySet[Course]:
    """Unclosed courses of a ROC year that are over, oldest first: what stands against the final deadline (letter, point 9)."""
    rows = Course.objects.closable().filter(year=year).select_related("unit__county", "handler__user")
    if county_id is not None:
        rows = rows.filter(unit__county_id=county_id)
    return rows.order_by("unit__county__order", "unit__code", "ends_on", "id")


def units_of(county_id: int | None) -> QuerySet[Unit]:
    """Units with their county, by code."""
    rows = Unit.objects.select_related("county").order_by("code", "level")
    return rows.filter(county_id=county_id) if county_id is not None else rows


def last_year() -> int:
    """The ROC year whose courses face their final deadline now."""
    return clock.this_year() - 1
