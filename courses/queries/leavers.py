"""The enrolments that a person who is closed cannot use: those of courses to come."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from courses.enums import CourseState, EnrolmentState
from courses.models import Enrolment, Session
from courses.models.querysets import EnrolmentQuerySet
from kit import clock


def enrolments_to_cancel(person_id: int, at: datetime) -> EnrolmentQuerySet:
    """Return the live enrolments of a person, and of records merged into it, that end when the person is closed.

    A place in a course that has begun stays: its organiser decides about the hours on the closing sheet.
    """
    held = Session.objects.filter(course=OuterRef("course"), suspension=None)
    over_before = Q(course__ends_at__lte=at, course__postponed_at=None)
    begun = Q(Exists(held.filter(starts_at__lte=at)), state=EnrolmentState.ADMITTED)
    rows = Enrolment.objects.of_person(person_id).live().filter(course__state=CourseState.REGISTERED)
    return rows.exclude(over_before).exclude(begun)


def number_to_cancel(person_id: int) -> int:
    """Return how many enrolments end when a person is closed now."""
    return enrolments_to_cancel(person_id, clock.now()).count()
