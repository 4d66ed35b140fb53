"""因故未開班: courses that were withdrawn because they are not held."""

from datetime import date

from courses.enums import CourseState, WithdrawalReason
from courses.models import Course
from kit import clock


def is_announced_as_not_held(course: Course, on: date | None = None) -> bool:
    """Return whether the public page of a course says on a Taipei day that it is not held: until the course's last day."""
    if course.state != CourseState.WITHDRAWN or course.withdrawal_reason != WithdrawalReason.NOT_HELD:
        return False
    return course.ends_on is not None and (on or clock.today()) <= course.ends_on
