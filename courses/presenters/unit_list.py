"""The rows of the unit's list of courses as HTML."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from courses.enums import CourseState, Phase
from courses.presenters.course_rows import CourseRow
from courses.queries.phase import phase_of
from kit.row_templates import RowTemplate, joined
from kit.templatetags.ui import roc, rocdt

TEXTS = (
    "pk", "code", "title", "starts_on", "ends_on", "days", "people", "handler", "notified_at", "notified_by"
)  # fmt: skip
TEMPLATE = RowTemplate("courses/unit/courses_row.html", TEXTS)
DAYS = RowTemplate("courses/partials/days.html", ("due_on",))


@dataclass(frozen=True)
class CourseShape:
    """What decides how a course looks in the list."""

    phase: Phase
    is_long: bool
    is_notified: bool
    handler_left: bool
    can_be_chosen: bool
    can_be_closed: bool
    can_go_on: bool
    is_ticked: bool = False


@dataclass(frozen=True)
class DaysShape:
    """The days until a course is to be closed, which are counted once it `is_over`."""

    is_due: bool
    is_over: bool = False
    days_over: int = 0
    days_left: int = 0


def list_rows(rows: Iterable[CourseRow], ticked: Collection[int] = ()) -> SafeString:
    """Return the rows; `ticked`: the courses of a form that was refused."""
    return joined(TEMPLATE.print(shape_of(row, ticked), texts_of(row)) for row in rows)


def shape_of(row: CourseRow, ticked: Collection[int] = ()) -> CourseShape:
    course = row.course
    is_to_close = course.is_unclosed and row.is_over
    return CourseShape(
        phase=phase_of(course),
        is_long=course.ends_on != course.starts_on,
        is_notified=course.notified_at is not None,
        handler_left=row.handler_left,
        can_be_chosen=is_to_close,
        can_be_closed=row.is_mine and is_to_close,
        can_go_on=row.is_mine and course.state == CourseState.DRAFT,
        is_ticked=course.pk in ticked,
    )


def texts_of(row: CourseRow) -> dict[str, str]:
    course: Any = row.course  # with `people` of the list
    return {
        "pk": str(course.pk),
        "code": course.code,
        "title": course.title,
        "starts_on": roc(course.starts_on),
        "ends_on": roc(course.ends_on),
        "days": DAYS.print(days_of(row), {"due_on": roc(row.due_on)}),
        "people": str(course.people),
        "handler": course.handler.user.name,
        "notified_at": rocdt(course.notified_at),
        "notified_by": course.notified_by,
    }


def days_of(row: CourseRow) -> DaysShape:
    if not (row.due_on and row.course.is_unclosed):
        return DaysShape(is_due=False)
    if not row.is_over:
        return DaysShape(is_due=True)
    return DaysShape(is_due=True, is_over=True, days_over=row.days_over, days_left=row.days_left or 0)
