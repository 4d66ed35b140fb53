"""A course with its unit, its handlers and their people in one row, for the pages of one course (docs/adr/0048)."""

from django.db.models import prefetch_related_objects

from accounts.models import User
from courses.enums import CourseState
from courses.models import Course
from courses.models.querysets import CourseQuerySet
from kit.joined_rows import JoinedRows

HANDLERS = ("handler", "handler__user", "co_handler", "co_handler__user")
OWN = ("unit", *HANDLERS, "handler__unit", "nature")
PUBLIC = ("unit", "unit__county", *HANDLERS, "nature")
# What the public page reads of the handlers, who are its contacts; the rest of their columns, and what only a search reads, stays where it is.
OF_HANDLERS = {"id", "name", "email", "is_active"}
UNREAD = (
    "search_text",
    *(
        f"{account}__user__{column.name}"
        for account in ("handler", "co_handler")
        for column in User._meta.concrete_fields
        if column.name not in OF_HANDLERS
    ),
)
HANDLER_JOINS = """
JOIN accounts_businessaccount AS handler ON handler.id = course.handler_id
JOIN accounts_user AS handler__user ON handler__user.id = handler.user_id
LEFT JOIN accounts_businessaccount AS co_handler ON co_handler.id = course.co_handler_id
LEFT JOIN accounts_user AS co_handler__user ON co_handler__user.id = co_handler.user_id
"""
JOINS = f"""
JOIN accounts_unit AS unit ON unit.id = course.unit_id {HANDLER_JOINS}
LEFT JOIN courses_coursenature AS nature ON nature.id = course.nature_id
"""
OWN_COURSE = JoinedRows(
    Course,
    OWN,
    """
SELECT {columns}
FROM courses_course AS course {joins} JOIN accounts_unit AS handler__unit ON handler__unit.id = handler.unit_id
WHERE course.code = %(code)s AND course.unit_id = %(unit)s
""".replace("{joins}", JOINS),
)
PUBLIC_COURSE = JoinedRows(
    Course,
    PUBLIC,
    """
SELECT {columns}
FROM courses_course AS course {joins} LEFT JOIN accounts_county AS unit__county ON unit__county.id = unit.county_id
WHERE course.code = %(code)s AND course.state <> '{draft}'
""".replace("{joins}", JOINS).replace("{draft}", CourseState.DRAFT.value),
    defer=UNREAD,
)


def own_course(unit_id: int, code: str) -> Course:
    """Return a course of a unit. Raise Course.DoesNotExist for another unit's, as for an unknown one."""
    return OWN_COURSE.get(unit=unit_id, code=code)


def public_course(code: str) -> Course:
    """Return a course that everybody may see, with its sessions. Raise Course.DoesNotExist for a draft, as for an unknown one."""
    course = PUBLIC_COURSE.get(code=code)
    prefetch_related_objects([course], "sessions")
    return course


def own_courses(unit_id: int) -> CourseQuerySet:
    """The courses of a unit, of which `OWN_COURSE` reads one; a test compares them."""
    return Course.objects.of_unit(unit_id).select_related(*OWN)


def public_courses() -> CourseQuerySet:
    """The courses that everybody may see, of which `PUBLIC_COURSE` reads one; a test compares them."""
    return Course.objects.exclude(state=CourseState.DRAFT).select_related(*PUBLIC)
