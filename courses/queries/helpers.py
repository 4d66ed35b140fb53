"""The lecturers and staff who are named for a course before it is closed (docs/adr/0042)."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.queries.persons import person_key, persons_of, persons_of_all, survivor
from courses.enums import SEATED, CourseState
from courses.models import Course, CourseHelper, Enrolment

# Every enrolment sends it, so it is plain SQL (docs/adr/0016).
NAMED_AS = """
SELECT participation FROM courses_coursehelper
WHERE course_id = %s AND user_id IN (SELECT id FROM accounts_user WHERE id = %s OR merged_into_id = %s)
ORDER BY participation, named_at, id LIMIT 1
"""


def helpers_of(course: Course) -> list[CourseHelper]:
    """Return the named lecturers and staff of a course, as `of_courses`."""
    return of_courses([course])


def of_courses(courses: Iterable[Course]) -> list[CourseHelper]:
    """Return the named lecturers and staff of some courses, each person once a course, with their people: one query.

    `user` is the person also where a record was named that was merged into it since.
    """
    rows = CourseHelper.objects.filter(course__in=[course.pk for course in courses])
    once: dict[tuple[int, int], CourseHelper] = {}
    people = rows.select_related("user__guest", "user__merged_into__guest")
    for row in people.order_by("participation", "named_at", "pk"):
        row.user = survivor(row.user)
        once.setdefault((row.course_id, row.user_id), row)
    return list(once.values())


def with_helpers(courses: QuerySet[Course]) -> QuerySet[Course]:
    """Return those of some courses for which a person is named."""
    return courses.filter(Exists(CourseHelper.objects.filter(course=OuterRef("pk"))))


def expected_of_courses(courses: Iterable[Course]) -> list[CourseHelper]:
    """Return the rows of `of_courses` without people who have a place by another record: they come as participants. Two queries."""
    rows = of_courses(courses)
    placed = Enrolment.objects.filter(course__in={row.course_id for row in rows}, state__in=SEATED)
    mine = placed.of_people({row.user_id for row in rows}).order_by().annotate(person=person_key())
    enrolled = set(mine.values_list("course_id", "person")) if rows else set()
    return [row for row in rows if (row.course_id, row.user_id) not in enrolled]


def helping(person: int) -> QuerySet[CourseHelper]:
    """Return the registered courses for which a person is named, once a course, without those in which the person has a place."""
    rows = CourseHelper.objects.filter(user__in=persons_of(person), course__state=CourseState.REGISTERED)
    placed = Enrolment.objects.of_person(person).filter(course=OuterRef("course"), state__in=SEATED)
    twins = CourseHelper.objects.filter(
        course=OuterRef("course"), user__in=persons_of(person), pk__lt=OuterRef("pk")
    )
    return rows.exclude(Exists(placed)).exclude(Exists(twins))


def named_as(course_id: int, person: int) -> str:
    """Return as what a person is named, also by a merged record; empty for who is not.

    Does what `named_as_by_queryset` does, at a sixth of the cost.
    """
    with connection.cursor() as cursor:
        cursor.execute(NAMED_AS, [course_id, person, person])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def named_as_by_queryset(course_id: int, person: int) -> str:
    """The query that `NAMED_AS` mirrors; a test compares them."""
    rows = CourseHelper.objects.filter(course=course_id, user__in=persons_of(person))
    return rows.values_list("participation", flat=True).first() or ""


def named_among(course: Course, user_ids: Iterable[int]) -> CourseHelper | None:
    """Return the first of some people who is named for a course, also by a merged record; `user` is the person."""
    rows = course.helpers.filter(user__in=persons_of_all(user_ids))
    row = rows.select_related("user__merged_into").first()
    if row:
        row.user = survivor(row.user)
    return row
