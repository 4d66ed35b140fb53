"""Which session people sign in to now."""

from datetime import datetime

from django.db.models import prefetch_related_objects

from courses.enums import CourseState
from courses.models import Course, Session
from hours.queries.sign_codes import is_open, read_number
from kit.numbers import whole_number


def chosen_session(course: Course, wanted: str, at: datetime) -> Session | None:
    """Return the session of this number, else the one that people sign in to at a moment, else the next or the last.

    None for a course without sessions, or for a number that is none of its sessions. The sessions of the course stay read.
    """
    prefetch_related_objects([course], "sessions")
    rows = list(course.sessions.all())
    if wanted:
        number = whole_number(wanted, 0)
        return next((row for row in rows if row.pk == number), None)
    ahead = [row for row in rows if is_open(row, at) or row.starts_at > at]
    return next(iter(ahead), rows[-1] if rows else None)


def open_sessions_of(code: str, at: datetime) -> list[Session]:
    """Return the sessions of a course that people sign in to now: two where one follows the other. None of an unknown course."""
    course = Course.objects.filter(code=code, state=CourseState.REGISTERED).first()
    return [row for row in course.sessions.all() if is_open(row, at)] if course else []


def session_of_number(code: str, number: str, at: datetime) -> Session | None:
    """Return the open session of a course to which six digits belong, else the first open one; None where nobody signs in now."""
    rows = open_sessions_of(code, at)
    return next((row for row in rows if read_number(number, row.pk, at)), next(iter(rows), None))
