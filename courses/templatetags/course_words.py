"""Words of courses for templates."""

from django import template

from courses.enums import Phase, WithdrawalReason
from courses.errors import end_of_window
from courses.imports.transfer_table import PastedRow
from courses.models import Course
from courses.presenters import change_words, transfers
from courses.queries.phase import phase_of
from courses.queries.windows import Window

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


@register.filter
def window_end(window: Window) -> str:
    """The end of the time in which a person may cancel, in words."""
    return end_of_window(window.until, window.last_day)


@register.filter
def problem_words(row: PastedRow) -> list[str]:
    """What is wrong with a pasted line, in sentences."""
    return transfers.problem_words(row)


register.filter(change_words.change_line)
register.filter(change_words.session_line)
