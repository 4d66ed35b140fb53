"""The courses of a calendar: a person's, a unit's, or those that a search of the catalogue finds. Each is bounded."""

from datetime import timedelta
from typing import Any

from django.db.models import F

from courses.enums import LIVE, CourseState, EnrolmentState
from courses.models import Course, CourseHelper, Enrolment
from courses.queries.helpers import helping
from kit import clock

# How far back a calendar of one's own goes, and how many courses each shows.
BACK = timedelta(days=90)
MOST_OWN, MOST_FOUND, MOST_NEWS = 500, 200, 50
SHOWN = (*LIVE, EnrolmentState.ATTENDED)


def of_person(person_id: int) -> list[Enrolment]:
    """Return the person's enrolments in courses that ended at most ninety days ago, the first to end foremost; each course once.

    Two queries.
    """
    rows = Enrolment.objects.of_person(person_id).filter(
        state__in=SHOWN,
        course__state__in=(CourseState.REGISTERED, CourseState.CLOSED),
        course__ends_on__gte=clock.today() - BACK,
    )
    rows = rows.counting_once().select_related("course__unit").prefetch_related("course__sessions")
    return list(rows.order_by("course__ends_on", "pk")[:MOST_OWN])


def helping_of_person(person_id: int) -> list[CourseHelper]:
    """Return the courses for which the person is named as a lecturer or member of staff, as `of_person`, without those of an enrolment."""
    rows = helping(person_id).filter(course__ends_on__gte=clock.today() - BACK)
    rows = rows.select_related("course__unit").prefetch_related("course__sessions")
    return list(rows.order_by("course__ends_on", "pk")[:MOST_OWN])


def of_unit(unit_id: int) -> list[Course]:
    """Return a unit's registered courses that ended at most ninety days ago or are ahead, and its older unclosed ones. Two queries."""
    rows = Course.objects.of_unit(unit_id).filter(state__in=(CourseState.REGISTERED, CourseState.CLOSED))
    recent = rows.filter(ends_on__gte=clock.today() - BACK) | rows.unclosed()
    found = recent.select_related("unit").prefetch_related("sessions").order_by("-ends_on", "pk")
    return list(found[:MOST_OWN])


def next_of(found: Any) -> list[Course]:
    """Return those of the found courses that end next. Two queries."""
    rows = _ahead(found).select_related("unit").prefetch_related("sessions")
    return list(rows.order_by("ends_on", "starts_on", "pk")[:MOST_FOUND])


def newest_of(found: Any) -> list[Course]:
    """Return those of the found courses that were registered last. One query."""
    rows = _ahead(found).select_related("unit", "nature")
    return list(rows.order_by(F("registered_at").desc(nulls_last=True), "-pk")[:MOST_NEWS])


def _ahead(found: Any) -> Any:
    """Leave out what is over, whatever the search includes, and what is closed or withdrawn."""
    return found.unclosed().filter(ends_at__gt=clock.now())
