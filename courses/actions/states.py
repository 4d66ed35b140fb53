"""The one function that changes a course's state, and the locks and checks that the acts of a handler begin with."""

from typing import Any

from django.db.models import F

from accounts.acting import Actor
from accounts.locks import lock_actor
from courses.enums import COURSE_TRANSITIONS, CourseState
from courses.errors import CourseChanged, WrongState
from courses.locks import lock_course
from courses.models import Course
from courses.rules import require_manager


def lock_managed(course: Course, by: Actor) -> tuple[Course, Actor]:
    """Lock the actor's account and the course, then check the right to manage it; return both as they are now.

    Raise NeedsBusinessAccount, NotYourUnit, NotTheHandler, CourseGone.
    """
    by = lock_actor(by)
    course = lock_course(course)
    require_manager(by, course)
    return course, by


def require_registered(course: Course) -> None:
    """Raise WrongState for a course that is not registered: a draft, or one that was closed or withdrawn."""
    if course.state != CourseState.REGISTERED:
        raise WrongState(state=course.get_state_display())


def require_changeable(course: Course) -> None:
    """Raise WrongState for a course that was closed or withdrawn."""
    if not course.is_changeable:
        raise WrongState(state=course.get_state_display())


def require_version(course: Course, version: int | None) -> None:
    """Raise CourseChanged if another version than the one that the person saw was saved; None if none was shown."""
    if version is not None and version != course.version:
        raise CourseChanged


def move(course: Course, to: CourseState, **fields: Any) -> None:
    """Change the state by compare-and-swap, with the columns that belong to it. Raise WrongState."""
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
