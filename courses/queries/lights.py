"""業務帳號燈號 and 教師燈號: the only queries for lights."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from accounts.models import Unit
from accounts.queries.persons import person_key
from courses.enums import Colour
from courses.models import Course, Enrolment, UnitLight, YearlyPolicy
from courses.models.policy import policy_of
from courses.models.querysets import lighting_q
from kit import clock

# The pictures go back so many years.
YEARS_BACK = 4


@dataclass(frozen=True)
class UnitCount:
    """What a unit's light is made of, for one ROC year on one Taipei day."""

    overdue: int = 0
    unclosed: int = 0
    oldest_ended_on: date | None = None


@dataclass(frozen=True)
class TeacherLight:
    """報名但未參與研習: information for the teacher and the organiser; it never blocks an enrolment (letter)."""

    colour: str
    absences: int


def unit_colour(overdue: int, policy: YearlyPolicy) -> str:
    """Return red from `unit_red_at` (5, letter), yellow from `unit_yellow_at` (1, guess), else green."""
    return _colour(overdue, policy.unit_yellow_at, policy.unit_red_at)


def teacher_colour(absences: int, policy: YearlyPolicy) -> str:
    """Return green for 0, yellow for 1–2, red for 3 or more absences (letter), by the year's policy."""
    return _colour(absences, policy.teacher_yellow_at, policy.teacher_red_at)


def _colour(count: int, yellow_at: int, red_at: int) -> str:
    if count >= red_at:
        return Colour.RED
    return Colour.YELLOW if count >= yellow_at else Colour.GREEN


def counting(
    year: int, day: date, policies: Mapping[int, YearlyPolicy], unit_ids: Collection[int] | None = None
) -> QuerySet[Course, Any]:
    """Return a row for each unit with unclosed courses: `overdue` counts `Course.objects.lighting`; `unclosed` and `oldest`
    count the year's own.

    One grouped query whose columns are all in the index `courses_unclosed`, for one unit or for all.
    """
    earlier = policy_of(policies, year).count_earlier_years
    rows = Course.objects.unclosed().filter(Q(year__lte=year) if earlier else Q(year=year))
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=unit_ids)
    return (
        rows.order_by()
        .values("unit_id")
        .annotate(
            counted_overdue=Count("unit_id", filter=lighting_q(year, day, policies)),
            counted_unclosed=Count("unit_id", filter=Q(year=year)),
            counted_oldest=Min("ends_on", filter=Q(year=year, ends_on__lte=day)),
        )
    )


def unit_counts(year: int, day: date, unit_ids: Collection[int] | None = None) -> dict[int, UnitCount]:
    """Counts of every unit that has any (or of the given ones): one grouped query, however many units."""
    return {
        row["unit_id"]: UnitCount(row["counted_overdue"], row["counted_unclosed"], row["counted_oldest"])
        for row in counting(year, day, YearlyPolicy.objects.current(), unit_ids)
    }


def overdue_now(unit_id: int, at: datetime | None = None) -> int:
    """Return how many courses light the unit today, recounted for the registration gate."""
    return Course.objects.of_unit(unit_id).lighting(clock.this_year(at), clock.today(at)).count()


def registration_is_open(unit_id: int, at: datetime | None = None) -> bool:
    """Return whether the unit may register courses: recounted, whatever the stored light is."""
    policy = YearlyPolicy.objects.in_force(clock.this_year(at))
    return unit_colour(overdue_now(unit_id, at), policy) != Colour.RED


def light_of(unit: Unit, at: datetime | None = None, year: int | None = None) -> UnitLight:
    """Return the light of one unit for a ROC year (the current one), counted anew and not stored.

    Use it for a single unit, so that page, receipt and API always agree with the gate; the stored lights serve lists and the
    history of changes.
    """
    moment = at or clock.now()
    lit_year = year or clock.this_year(moment)
    count = unit_counts(lit_year, clock.today(moment), [unit.pk]).get(unit.pk, UnitCount())
    colour = unit_colour(count.overdue, YearlyPolicy.objects.in_force(lit_year))
    return UnitLight(
        unit=unit,
        year=lit_year,
        colour=colour,
        overdue=count.overdue,
        unclosed=count.unclosed,
        oldest_ended_on=count.oldest_ended_on,
        registration_open=colour != Colour.RED,
        computed_at=moment,
    )


def lock_order(years: Iterable[int], running: int) -> list[int]:
    """Return ROC years in the order in which one transaction recounts their lights: the current one, then the latest first."""
    return sorted(years, key=lambda year: (year != running, -year))


def years_touched(years: Iterable[int | None], running: int) -> list[int]:
    """Return the ROC years whose lights an act on courses of the given years may change, the current one first."""
    own = {year for year in years if year is not None}
    policies = YearlyPolicy.objects.current()
    counting_earlier = {y for y, p in policies.items() if p.count_earlier_years and own and y > min(own)}
    return lock_order(own | counting_earlier | {running}, running)


def years_shown(running: int) -> list[int]:
    """Return the ROC years whose lights a page shows, the current one first."""
    return list(range(running, running - YEARS_BACK - 1, -1))


def rest_is_due(running: int, day: date) -> bool:
    """Whether last year's unclosed courses are shown and chased beside this year's: until their final deadline (domain.md §3)."""
    return day <= YearlyPolicy.objects.in_force(running - 1).announced_last_day


def rest_of_last_year(
    unit_ids: Collection[int], at: datetime, policies: Mapping[int, YearlyPolicy]
) -> dict[int, int]:
    """Return how many courses of the year before each unit has not closed; units without any are left out."""
    rows = counting(clock.this_year(at) - 1, clock.today(at), policies, unit_ids)
    return {row["unit_id"]: row["counted_unclosed"] for row in rows if row["counted_unclosed"]}


def teacher_lights(user_ids: Iterable[int], year: int) -> dict[int, TeacherLight]:
    """The lights of many teachers: one query for the absences, one for the policy.

    Merged records count for the person whom they belong to, each course once.
    """
    ids = list(user_ids)
    counted = (
        Enrolment.objects.absences(year)
        .of_people(ids)
        .counting_once()
        .order_by()
        .values_list(person_key())
        .annotate(n=Count("pk"))
    )
    absences = dict(counted)
    policy = YearlyPolicy.objects.in_force(year)
    lights = {n: TeacherLight(teacher_colour(n, policy), n) for n in {0, *absences.values()}}
    return {pk: lights[absences.get(pk, 0)] for pk in ids}


def teacher_light(user_id: int, at: datetime | None = None) -> TeacherLight:
    """One teacher's light of the current year."""
    return teacher_lights([user_id], clock.this_year(at))[user_id]
