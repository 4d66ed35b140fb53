"""People whose enrolment is undecided."""

from courses.enums import EnrolmentState
from courses.models import Course
from courses.models.querysets import EnrolmentQuerySet

UNDECIDED = frozenset({EnrolmentState.APPLIED, EnrolmentState.WAITLISTED})


def undecided(course: Course) -> EnrolmentQuerySet:
    """Enrolments under review or on the waiting list, with their people, each once, oldest first. Closing the course notifies them
    that it is over.
    """
    rows = course.enrolments.filter(state__in=UNDECIDED).counting_once()
    return rows.select_related("user", "unit").order_by("enrolled_at", "id")
