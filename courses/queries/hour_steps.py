"""最小時數單位: in which steps the hours of a course go."""

from decimal import Decimal

from courses.models import Course, YearlyPolicy
from kit import clock


def hour_step(course: Course) -> Decimal:
    """Return the smallest step of hours in the course's year (0.5, guess), or the smaller one it was registered under."""
    return YearlyPolicy.objects.in_force(course.year or clock.this_year()).hour_step_for(course)


def fits(amount: Decimal, most: Decimal, step: Decimal) -> bool:
    """Whether one person can get an amount of a course's hours: all of them (announced, whatever the step), or whole steps."""
    return amount == most or (step <= amount <= most and not amount % step)
