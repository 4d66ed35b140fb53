"""Whom a message to the participants of a course reaches."""

from collections.abc import Collection

from django.db.models import QuerySet

from courses.enums import EnrolmentState, MessageTo
from courses.models import Course, Enrolment

S = EnrolmentState
STATES: dict[str, frozenset[str]] = {
    MessageTo.ADMITTED: frozenset({S.ADMITTED}),
    MessageTo.WAITING: frozenset({S.APPLIED, S.WAITLISTED}),
    MessageTo.PRESENT: frozenset({S.ATTENDED}),
    # Who cancelled is no longer written to.
    MessageTo.CHOSEN: frozenset(S.values) - {S.CANCELLED},
}


def readers(course: Course, to: str, chosen: Collection[int] = ()) -> QuerySet[Enrolment]:
    """Return the enrolments of the readers, each person once and never lecturers or staff; `chosen` narrows them for `MessageTo.CHOSEN`."""
    once = course.enrolments.participants().filter(state__in=STATES[to]).counting_once()
    rows = once.select_related("user").order_by("pk")
    return rows.filter(pk__in=chosen) if to == MessageTo.CHOSEN else rows


def numbers(course: Course) -> dict[str, int]:
    """Return how many people each choice reaches now, in one query."""
    once = course.enrolments.participants().counting_once()
    states = list(once.order_by().values_list("state", flat=True))
    wanted = (MessageTo.ADMITTED, MessageTo.WAITING, MessageTo.PRESENT)
    return {to: sum(state in STATES[to] for state in states) for to in wanted}
