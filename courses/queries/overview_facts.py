"""What the overviews by the clock show of units and counties, for many of them in a constant number of queries."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from django.db.models import BooleanField, Count, ExpressionWrapper

from accounts.enums import Role
from accounts.models import BusinessAccount, Unit
from accounts.queries.days_off import where
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment, UnitLight, YearlyPolicy
from courses.models.deadlines import DAY
from courses.models.querysets import CourseQuerySet, lighting_q
from courses.queries import unit_outlook
from kit import clock
from kit.holidays import by_county, is_first_workday

# So many units are named to a county; its page has them all.
NAMED = 15


@dataclass
class Handled:
    """What one handler has to close: courses that are over, and those of them that light the unit."""

    name: str
    over: int = 0
    overdue: int = 0


@dataclass
class UnitFacts:
    unit: Unit
    outlook: unit_outlook.Outlook
    handlers: dict[int, Handled] = field(default_factory=dict)
    drafts: int = 0
    applied: int = 0

    @property
    def over(self) -> int:
        return sum(row.over for row in self.handlers.values())


def begins_week(day: date, county: int | None = None) -> bool:
    """Return whether a day is the first working day of its week, in the country or a county."""
    return is_first_workday(day, clock.monday(day), county)


def begins_month(day: date, county: int | None = None) -> bool:
    """Return whether a day is the first working day of its month, in the country or a county."""
    return is_first_workday(day, day.replace(day=1), county)


def begins_anywhere(begins: Callable[[date, int | None], bool], day: date) -> bool:
    """Return whether a week or month `begins` on a day in the country or any county."""
    country, others = by_county(partial(begins, day), day.replace(day=1) - 7 * DAY, day)
    return country or any(others.values())


def units_with_leads(
    cursor: int, day: date, number: int, roles: Collection[str] = (Role.UNIT_LEAD,)
) -> list[Unit]:
    """Return the next units, by primary key, that have a lead in force, or another of the roles, and whose week begins on a day."""
    begins = where(partial(begins_week, day), clock.monday(day), day)
    people = BusinessAccount.objects.active(day).filter(role__in=roles)
    return list(
        Unit.objects.filter(begins, pk__gt=cursor, pk__in=people.values("unit")).order_by("pk")[:number]
    )


def of_units(units: Collection[Unit], day: date) -> dict[int, UnitFacts]:
    """Return the facts of each unit: courses to close by handler, the light and what turns it, drafts, applications."""
    year, policies = clock.roc_year(day), YearlyPolicy.objects.current()
    ids = [unit.pk for unit in units]
    lit = ExpressionWrapper(lighting_q(year, day, policies), output_field=BooleanField())
    rows: dict[int, list[Course]] = {pk: [] for pk in ids}
    unclosed = (
        Course.objects.unclosed().filter(unit__in=ids).select_related("handler__user").annotate(lit=lit)
    )
    for course in unclosed.order_by("ends_on", "id"):
        rows[course.unit_id].append(course)
    drafts = dict(
        Course.objects.filter(unit__in=ids, state=CourseState.DRAFT)
        .order_by()
        .values_list("unit")
        .annotate(n=Count("pk"))
    )
    applied = dict(
        Enrolment.objects.filter(
            course__unit__in=ids, course__state=CourseState.REGISTERED, state=EnrolmentState.APPLIED
        )
        .order_by()
        .values_list("course__unit")
        .annotate(n=Count("pk"))
    )
    found = {}
    for unit in units:
        facts = UnitFacts(unit, unit_outlook.outlook(rows[unit.pk], year, day, policies))
        facts.drafts, facts.applied = drafts.get(unit.pk, 0), applied.get(unit.pk, 0)
        _count_handlers(facts, rows[unit.pk], day)
        found[unit.pk] = facts
    return found


def _count_handlers(facts: UnitFacts, courses: Collection[Course], day: date) -> None:
    for course in courses:
        if course.ends_on is not None and course.ends_on < day:
            row = facts.handlers.setdefault(course.handler_id, Handled(course.handler.user.name))
            row.over += 1
            row.overdue += unit_outlook.counts_of(course).lit


# --- Counties ---------------------------------------------------------------------------------------------------------
def officers(day: date) -> list[BusinessAccount]:
    """Return the accounts of county officers in force, with their people and counties."""
    rows = BusinessAccount.objects.active(day).filter(role=Role.COUNTY_OFFICER, unit__county__isnull=False)
    return list(rows.select_related("user", "unit__county").order_by("id"))


def lights_by_county(year: int) -> dict[int, list[UnitLight]]:
    """Return the lights of units that have something overdue, by county, by need."""
    rows = UnitLight.objects.filter(year=year, overdue__gt=0).select_related("unit")
    found: dict[int, list[UnitLight]] = {}
    for light in rows.order_by("-overdue", "-unclosed", "unit__code", "unit__level"):
        if light.unit.county_id is not None:
            found.setdefault(light.unit.county_id, []).append(light)
    return found


def rest_by_county(year: int, day: date) -> dict[int, list[tuple[str, int]]]:
    """Return the units with unclosed courses of a ROC year that are over, with their number, by county, the most first."""
    rows = (
        Course.objects.unclosed()
        .filter(year=year, ends_on__lt=day, unit__county__isnull=False)
        .order_by()
        .values_list("unit__county", "unit__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "unit__name")
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for county, name, number in rows:
        found.setdefault(county, []).append((name, number))
    return found


def long_overdue(day: date) -> CourseQuerySet:
    """Return the courses that are overdue for so many days (policy) that the county is notified of them."""
    days = YearlyPolicy.objects.in_force(clock.roc_year(day)).escalation_days
    return Course.objects.overdue(day - (days - 1) * DAY)


def long_overdue_by_county(day: date) -> dict[int, int]:
    """Return how many courses of each county are long overdue."""
    rows = long_overdue(day).filter(unit__county__isnull=False).order_by().values_list("unit__county")
    return dict(rows.annotate(n=Count("pk")))
