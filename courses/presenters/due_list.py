"""The courses that are over, by deadline, on the unit's home page, each with what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from courses.presenters.course_rows import CourseRow
from courses.queries import unit_outlook
from kit.row_templates import RowTemplate, joined
from kit.templatetags.ui import roc

TEXTS = (
    "pk", "code", "title", "days", "days_word", "people", "ends_on", "due_on", "handler", "notified_on", "token",
)  # fmt: skip
TEMPLATE = RowTemplate("courses/partials/due_row.html", TEXTS)
# Days left from which on a deadline is near.
SOON = 7


@dataclass(frozen=True)
class DueShape:
    """What decides how a course looks in the list; `is_own`: it is in the list of the person's own courses."""

    is_own: bool
    is_mine: bool
    handler_left: bool
    is_overdue: bool
    is_soon: bool
    is_notified: bool


def due_rows(rows: Iterable[CourseRow], *, own: bool, token: str) -> SafeString:
    """Return the rows as HTML; `token` is that of their forms against forgery."""
    return joined(TEMPLATE.print(shape_of(row, own=own), texts_of(row, token)) for row in rows)


def shape_of(row: CourseRow, *, own: bool) -> DueShape:
    return DueShape(
        is_own=own,
        is_mine=row.is_mine,
        handler_left=row.handler_left,
        is_overdue=bool(row.days_over),
        is_soon=row.days_left is not None and row.days_left <= SOON,
        is_notified=row.course.notified_at is not None,
    )


def texts_of(row: CourseRow, token: str) -> dict[str, str]:
    course, days = row.course, row.days_over or row.days_left or 0
    people = unit_outlook.counts_of(course).people
    return {
        "pk": str(course.pk),
        "code": course.code,
        "title": course.title,
        "days": str(days),
        "days_word": ngettext("day", "days", days),
        "people": ngettext("%(n)s person", "%(n)s people", people) % {"n": people},
        "ends_on": roc(course.ends_on),
        "due_on": roc(row.due_on),
        "handler": course.handler.user.name,
        "notified_on": roc(course.notified_at),
        "token": token,
    }
