"""Words of courses for templates."""

from django import template

from courses.enums import Phase, WithdrawalReason
from courses.models import Course
from courses.queries.phase import phase_of

register = template.Library()


@register.filter
def phase(course: Course) -> Phase:
    """The phase of a course now: `{{ course|phase }}` is its value, `.label` its word."""
    return phase_of(course)


@register.filter
def reason_words(reason: str) -> str:
    """The reason of an act as it is read: the record of a withdrawal begins with the value of `WithdrawalReason`."""
    value, _, text = reason.partition(" ")
    if value not in WithdrawalReason.values:
        return reason
    return " ".join(filter(None, (str(WithdrawalReason(value).label), text)))
