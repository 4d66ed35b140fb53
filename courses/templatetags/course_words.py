"""Words of courses for templates."""

from django import template

from courses.enums import Phase
from courses.models import Course
from courses.queries.phase import phase_of

register = template.Library()


@register.filter
def phase(course: Course) -> Phase:
    """The phase of a course now: `{{ course|phase }}` is its value, `.label` its word."""
    return phase_of(course)
