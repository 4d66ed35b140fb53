"""每週時數: whose hours of one week would be more than the policy names. A warning; humans decide."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Sum

from accounts.queries.persons import person_key, persons_of_all
from courses.models import Course, YearlyPolicy
from courses.models.lookups import AnyOf
from hours.models import HourCredit
from kit import clock

SUNDAY = timedelta(days=6)


def beyond_the_week(course: Course, issued: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return, by person, the hours of the course's week that closing it would make too many (35 a week, second-hand).

    `issued` are the hours that each person would get. A week, Monday to Sunday, counts the courses that lie within it; one that goes
    over several weeks is looked at when it is registered. Hours of lecturers and staff are no training and do not count (a guess).
    One query.
    """
    if course.starts_on is None or course.ends_on is None or course.year is None:
        return {}
    first = clock.monday(course.ends_on)
    if course.starts_on < first:
        return {}
    most = YearlyPolicy.objects.in_force(course.year).hours_a_week
    others = (
        HourCredit.objects.participants()
        .filter(
            AnyOf(F("user_id"), persons_of_all(issued)),
            course__starts_on__gte=first,
            course__ends_on__lte=first + SUNDAY,
        )
        .exclude(course=course)
    )
    has = dict(others.order_by().values_list(person_key()).annotate(total=Sum("hours")))
    totals = {person: has.get(person, Decimal("0")) + hours for person, hours in issued.items()}
    return {person: total for person, total in totals.items() if total > most}
