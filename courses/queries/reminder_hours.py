"""The hours of the day at which time-driven notices are prepared, by the policy of the day's year."""

from datetime import date

from courses.models import YearlyPolicy
from kit import clock


def remind_hour(day: date) -> int:
    """Return the hour of the reminders and overviews of a day."""
    return YearlyPolicy.objects.in_force(clock.roc_year(day)).remind_hour


def day_before_hour(day: date) -> int:
    """Return the hour of the reminders of a day for the courses of the next."""
    return YearlyPolicy.objects.in_force(clock.roc_year(day)).day_before_hour
