"""The one function that changes a course's state."""

from typing import Any

from django.db.models import F

from courses.enums import COURSE_TRANSITIONS, CourseState
from courses.errors import WrongState
from courses.models import Course


def lock(course: Course) -> Course:
    """The course as it is now, its row locked until the transaction ends (SQLite: the whole file already is)."""
    rows = Course.objects.select_related("handler__user", "unit")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=course.pk)


def move(course: Course, to: CourseState, **fields: Any) -> None:
    """Change the state by compare-and-swap, with the columns that belong to it. Raises WrongState."""
    allowed = to in COURSE_TRANSITIONS[course.state]
    changed = allowed and Course.objects.filter(pk=course.pk, state=course.state).update(
        state=to, version=F("version") + 1, **fields
    )
    if not changed:
        course.refresh_from_db(fields=["state"])
        raise WrongState(state=CourseState(course.state).label)
    course.state = to
    for name, value in fields.items():
        setattr(course, name, value)
