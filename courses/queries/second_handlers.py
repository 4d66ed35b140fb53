"""Who can become the second handler of a course (協辦)."""

from django.db.models import QuerySet

from accounts.enums import UNIT_ROLES
from accounts.models import BusinessAccount
from courses.models import Course


def candidates(course: Course) -> QuerySet[BusinessAccount]:
    """Return the accounts in force of the course's unit, but those of the handler's own person."""
    rows = BusinessAccount.objects.active().filter(unit_id=course.unit_id, role__in=UNIT_ROLES)
    return (
        rows.exclude(user_id=course.handler.user_id)
        .select_related("user")
        .order_by("user__name_key", "number")
    )
