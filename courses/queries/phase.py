"""The phase of a course (處理狀態) as one word, for the badge on every page."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import prefetch_related_objects

from courses.enums import CourseState, Phase
from courses.models import Course, YearlyPolicy
from courses.models.policy import policy_of
from kit import clock


def phase_of(course: Course, at: datetime | None = None) -> Phase:
    """Return the phase of a course at a moment. A registered course is not "unclosed" before it is over.

    Overdue follows from the policy's deadline (`YearlyPolicy.due_on`), as in `CourseQuerySet.overdue`.
    """
    if course.state != CourseState.REGISTERED:
        return Phase(course.state)
    if course.postponed_at is not None:
        return Phase.POSTPONED
    if course.has_ended(at):
        return Phase.OVERDUE if _is_overdue(course, at) else Phase.HOURS_DUE
    if course.starts_on and course.starts_on <= clock.today(at) and _has_begun(course, at):
        return Phase.RUNNING
    return Phase.ENROLLING if course.enrolment_is_open(at) else Phase.NOT_BEGUN


def load_for_phase(courses: Iterable[Course]) -> None:
    """Read what `phase_of` needs of some courses besides their rows: the sessions of those that begin today, in one query or none."""
    today = clock.today()
    prefetch_related_objects([course for course in courses if course.starts_on == today], "sessions")


def _is_overdue(course: Course, at: datetime | None) -> bool:
    if course.year is None or course.ends_on is None:
        return False
    policy = policy_of(YearlyPolicy.objects.current(), course.year)
    return clock.today(at) > policy.due_on(course.ends_on)


def _has_begun(course: Course, at: datetime | None) -> bool:
    """On the first day the hour decides; later days need no look at the sessions."""
    if course.starts_on and course.starts_on < clock.today(at):
        return True
    first = min((s.starts_at for s in course.sessions.all()), default=None)
    return first is not None and first <= (at or clock.now())
