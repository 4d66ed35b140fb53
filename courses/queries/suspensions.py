"""停班停課: which courses a suspension reaches, and what became of them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.acting import Actor
from courses.enums import LIVE, CourseState
from courses.models import Course, Postponement, Session, Suspension
from courses.models.querysets import CourseQuerySet
from kit import clock


class Timed(Protocol):
    """A session as it is, or as a form sends it."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def suspensions_of(by: Actor) -> QuerySet[Suspension]:
    """Return the suspensions that a hat may see: an officer's those of the own county, the operator's all."""
    rows = Suspension.objects.select_related("county", "made_by__user")
    if by.is_operator_hat:
        return rows
    return rows.filter(county=by.county) if by.is_county_hat else rows.none()


def hit_q(suspension: Suspension, at: datetime) -> Q:
    """Return the condition of the sessions that a suspension postpones: they overlap its hours and were not over when it was announced."""
    return Q(starts_at__lt=suspension.ends_at, ends_at__gt=max(suspension.starts_at, at), suspension=None)


def reached(suspension: Suspension, at: datetime | None = None) -> CourseQuerySet:
    """Return the registered courses of the county and towns with a session that is suspended, on site and on-line alike.

    A course that has been postponed by it is left out, whatever became of it.
    """
    moment = at or (suspension.made_at if suspension.pk else clock.now())
    hit = Session.objects.filter(hit_q(suspension, moment), course=OuterRef("pk"))
    done = Postponement.objects.filter(suspension=suspension.pk, course=OuterRef("pk"))
    rows = Course.objects.filter(
        Exists(hit), ~Exists(done), state=CourseState.REGISTERED, unit__county=suspension.county_id
    )
    return rows.filter(unit__district__in=suspension.districts) if suspension.districts else rows


def people_reached(courses: QuerySet[Course]) -> int:
    """Return how many people hold a place in the courses, or wait for one."""
    found = courses.order_by().aggregate(n=Count("enrolments", filter=Q(enrolments__state__in=LIVE)))
    return int(found["n"])


def waiting(suspension: Suspension) -> QuerySet[Postponement]:
    """Return the courses that wait for new days."""
    return Postponement.objects.filter(suspension=suspension, settled_at=None)


def left_of(suspension: Suspension) -> QuerySet[Course] | QuerySet[Postponement]:
    """Return what its job has still to do: courses to postpone or, once it was taken back, those to hold as planned."""
    return waiting(suspension) if suspension.ended_at else reached(suspension)


def suspended(course: Course, sessions: Iterable[Timed]) -> list[Suspension]:
    """Return the suspensions in force at the time of one of the sessions."""
    rows = list(sessions)
    days = {clock.day_of(row.starts_at) for row in rows} | {clock.day_of(row.ends_at) for row in rows}
    found = Suspension.objects.filter(county=course.unit.county_id, day__in=days, ended_at=None)
    return [one for one in found if _is_in(course, one) and _overlaps(one, rows)]


def _is_in(course: Course, suspension: Suspension) -> bool:
    return not suspension.districts or course.unit.district in suspension.districts


def _overlaps(suspension: Suspension, sessions: Collection[Timed]) -> bool:
    return any(s.starts_at < suspension.ends_at and s.ends_at > suspension.starts_at for s in sessions)
