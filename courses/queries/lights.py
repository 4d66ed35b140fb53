"""業務帳號燈號 and 教師燈號: questions about courses and enrolments, asked here and nowhere else."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from accounts.models import Unit
from courses.enums import Colour
from courses.models import Course, Enrolment, UnitLight, YearlyPolicy
from courses.models.policy import policy_of
from courses.models.querysets import lighting_q
from inservice import clock


@dataclass(frozen=True)
class UnitCount:
    """What a unit's light is made of, for one ROC year on one Taipei day."""

    overdue: int = 0
    unclosed: int = 0
    oldest_ended_on: date | None = None


@dataclass(frozen=True)
class TeacherLight:
    """報名但未參與研習: information for the teacher and the organiser; nobody is refused because of it (letter)."""

    colour: str
    absences: int


def unit_colour(overdue: int, policy: YearlyPolicy) -> str:
    """Red from `unit_red_at` (5, letter), yellow from `unit_yellow_at` (1, guess), else green."""
    return _colour(overdue, policy.unit_yellow_at, policy.unit_red_at)


def teacher_colour(absences: int, policy: YearlyPolicy) -> str:
    """Green 0, yellow 1–2, red 3 or more (letter), by the year's policy."""
    return _colour(absences, policy.teacher_yellow_at, policy.teacher_red_at)


def _colour(count: int, yellow_at: int, red_at: int) -> str:
    if count >= red_at:
        return Colour.RED
    return Colour.YELLOW if count >= yellow_at else Colour.GREEN


def counting(
    year: int, day: date, policies: Mapping[int, YearlyPolicy], unit_ids: Collection[int] | None = None
) -> QuerySet[Course, Any]:
    """A row for each unit with unclosed courses: `overdue` is `Course.objects.lighting`; `unclosed` and `oldest` speak of the year's own.

    One grouped question whose columns all stand in the index `courses_unclosed`, for one unit or for all.
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
    """How many courses light the unit today, counted anew: what the gate asks."""
    return Course.objects.of_unit(unit_id).lighting(clock.this_year(at), clock.today(at)).count()


def registration_is_open(unit_id: int, at: datetime | None = None) -> bool:
    """Whether the unit may register courses: counted anew, whatever the stored light says."""
    policy = YearlyPolicy.objects.in_force(clock.this_year(at))
    return unit_colour(overdue_now(unit_id, at), policy) != Colour.RED


def light_of(unit: Unit, at: datetime | None = None) -> UnitLight:
    """The stored light of the running year; an unsaved green one for a unit that has never been counted."""
    year = clock.this_year(at)
    return UnitLight.objects.filter(unit=unit, year=year).first() or UnitLight(
        unit=unit, year=year, colour=Colour.GREEN, computed_at=at or clock.now()
    )


def teacher_lights(user_ids: Iterable[int], year: int) -> dict[int, TeacherLight]:
    """The lights of many teachers: one query for the absences, one for the policy."""
    ids = list(user_ids)
    counted = (
        Enrolment.objects.absences(year)
        .of_people(ids)
        .order_by()
        .values_list("user_id")
        .annotate(n=Count("pk"))
    )
    absences = dict(counted)
    policy = YearlyPolicy.objects.in_force(year)
    lights = {n: TeacherLight(teacher_colour(n, policy), n) for n in {0, *absences.values()}}
    return {pk: lights[absences.get(pk, 0)] for pk in ids}


def teacher_light(user_id: int, at: datetime | None = None) -> TeacherLight:
    """One teacher's light of the running year."""
    return teacher_lights([user_id], clock.this_year(at))[user_id]
