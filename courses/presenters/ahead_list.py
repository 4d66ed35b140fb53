"""The courses that run or are ahead on the unit's home page: the one that meets next first."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from courses.models import Course
from courses.queries.desk_rows import facts_of
from kit.row_templates import RowTemplate, joined
from kit.templatetags.ui import roc, rocdt

TEXTS = ("code", "title", "meets", "people", "capacity", "handler")
TEMPLATE = RowTemplate("courses/partials/ahead_row.html", TEXTS)


def by_meeting(courses: Iterable[Course]) -> list[Course]:
    """Return the courses by their next session, those without one last."""
    return sorted(courses, key=_in_turn)


def _in_turn(course: Course) -> tuple[bool, float, int]:
    meets_at = facts_of(course).meets_at
    return meets_at is None, meets_at.timestamp() if meets_at else 0, course.pk


def ahead_rows(courses: Iterable[Course]) -> SafeString:
    """Return the rows as HTML."""
    return joined(TEMPLATE.print(None, texts_of(course)) for course in courses)


def texts_of(course: Course) -> dict[str, str]:
    facts = facts_of(course)
    return {
        "code": course.code,
        "title": course.title,
        "meets": rocdt(facts.meets_at) if facts.meets_at else roc(course.starts_on),
        "people": str(facts.people),
        "capacity": str(course.capacity),
        "handler": course.handler.user.name,
    }
