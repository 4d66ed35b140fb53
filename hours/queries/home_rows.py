"""Read a teacher's own courses for the home page in plain SQL (docs/adr/0016, 0048).

Compiling the querysets of `hours.queries.teacher`, with a course, its unit, its handlers and their people in each row, takes half of the
page's time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import DecimalField, prefetch_related_objects

from accounts.queries.persons import has_one_record
from courses.enums import CourseState, EnrolmentState, Participation
from courses.models import Course, Enrolment
from courses.queries.whole_course import HANDLER_JOINS, HANDLERS, UNREAD
from hours.queries import teacher
from hours.queries.objections import own
from hours.queries.teacher import YearHours, YearRecord
from kit.joined_rows import JoinedRows

# The units, handlers and handlers' people of courses.
COURSES = JoinedRows(
    Course,
    ("unit", *HANDLERS),
    f"""
SELECT {{columns}}
FROM courses_course AS course JOIN accounts_unit AS unit ON unit.id = course.unit_id {HANDLER_JOINS}
WHERE course.id IN %(courses)s
""",
    defer=UNREAD,
)

# `place`, `net` and `lights` as `teacher.live` and `teacher.record_of_year` annotate them. Each row looks its course up: with few courses a
# join would read all of them.
OWN = JoinedRows(
    Enrolment,
    (),
    """
SELECT {columns}, enrolment.net,
    (
        SELECT NULLIF(COUNT(*), 0) FROM courses_enrolment AS earlier
        WHERE earlier.course_id = enrolment.course_id AND earlier.state = %(waitlisted)s AND (
            earlier.enrolled_at < enrolment.enrolled_at OR (earlier.enrolled_at = enrolment.enrolled_at AND earlier.id <= enrolment.id)
        )
    ) AS place,
    enrolment.state = %(absent)s AND enrolment.course_year = %(year)s AS lights
FROM (
    SELECT courses_enrolment.*,
        COALESCE((SELECT SUM(hours) FROM hours_hourcredit WHERE enrolment_id = courses_enrolment.id), 0) AS net,
        (SELECT state FROM courses_course WHERE id = courses_enrolment.course_id) AS course_state,
        (SELECT year FROM courses_course WHERE id = courses_enrolment.course_id) AS course_year
    FROM courses_enrolment WHERE user_id = %(person)s
) AS enrolment
WHERE (enrolment.state IN (%(applied)s, %(admitted)s, %(waitlisted)s) AND enrolment.course_state = %(registered)s)
    OR (
        enrolment.state IN (%(attended)s, %(absent)s, %(excused)s) AND enrolment.course_state = %(closed)s
        AND (enrolment.course_year = %(year)s OR enrolment.net <= 0)
    )
""",
    more={"net": DecimalField()},
)
OWN_VALUES = {state.name.lower(): state.value for state in EnrolmentState} | {
    "registered": CourseState.REGISTERED.value,
    "closed": CourseState.CLOSED.value,
}

# The rows of `teacher.hours_by_topic` ("topic") and of `teacher.year_totals` ("year").
OWN_HOURS = """
SELECT kind, name, year, hours, helper FROM (
    SELECT 'topic' AS kind, tag.name AS name, 0 AS year, SUM(credit.hours) AS hours, 0 AS helper
    FROM hours_hourcredit AS credit
    JOIN courses_course AS course ON course.id = credit.course_id
    LEFT JOIN courses_course_tags AS tagged ON tagged.course_id = course.id
    LEFT JOIN courses_tag AS tag ON tag.id = tagged.tag_id
    WHERE credit.user_id = %(person)s AND credit.participation = %(participant)s AND course.year = %(year)s
    GROUP BY tag.name HAVING SUM(credit.hours) > 0
    UNION ALL
    SELECT 'year', NULL, COALESCE(course.year, 0),
        SUM(CASE WHEN credit.participation = %(participant)s THEN credit.hours ELSE 0 END),
        SUM(CASE WHEN credit.participation IN (%(lecturer)s, %(staff)s) THEN credit.hours ELSE 0 END)
    FROM hours_hourcredit AS credit JOIN courses_course AS course ON course.id = credit.course_id
    WHERE credit.user_id = %(person)s
    GROUP BY COALESCE(course.year, 0)
) AS found
ORDER BY kind, year DESC, hours DESC, name
"""
_PARTS = {part.name.lower(): part.value for part in Participation}

TRACES = """
SELECT 'objected' AS kind, course_id, state FROM hours_objection WHERE user_id = %(person)s
UNION ALL
SELECT 'helps', 0, '' WHERE EXISTS (SELECT 1 FROM courses_coursehelper WHERE user_id = %(person)s)
UNION ALL
SELECT 'had_questionnaire', 0, '' WHERE EXISTS (
    SELECT 1 FROM courses_enrolment AS own JOIN courses_course AS course ON course.id = own.course_id
    WHERE own.user_id = %(person)s AND course.questionnaire <> ''
)
"""


@dataclass(frozen=True)
class OwnRows:
    """What `teacher.live` and `teacher.record_of_year` return."""

    live: list[Enrolment]
    record: YearRecord


@dataclass(frozen=True)
class OwnHours:
    """What `teacher.hours_by_topic` and `teacher.years_with_hours` return."""

    by_topic: list[tuple[str, Decimal]]
    by_year: list[YearHours]


@dataclass(frozen=True)
class Traces:
    """Course and state of each objection of a person, and whether there is any row that the other lists could show.

    Most people have none, and need no further query.
    """

    objections: list[tuple[int, str]]
    helps: bool
    had_questionnaire: bool


def traces_of(person: int) -> Traces:
    """Return what a person has left; for one with merged records it is not known that there is nothing."""
    if not has_one_record(person):
        return Traces(list(own(person).order_by().values_list("course_id", "state")), True, True)
    found = _rows(TRACES, {"person": person})
    kinds = {kind for kind, _course, _state in found}
    objections = [(course, state) for kind, course, state in found if kind == "objected"]
    return Traces(objections, "helps" in kinds, "had_questionnaire" in kinds)


def own_rows(person: int, year: int) -> OwnRows:
    """Return a person's live enrolments and the record of a ROC year."""
    if not has_one_record(person):
        return OwnRows(teacher.live(person), teacher.record_of_year(person, year))
    rows = OWN.all(**OWN_VALUES, person=person, year=year)
    _load_courses(rows)
    live = sorted(
        (row for row in rows if row.course.state == CourseState.REGISTERED),
        key=lambda row: (row.course.starts_on or date.min, row.course_id),
    )
    prefetch_related_objects([row.course for row in live], "sessions")
    over = [row for row in rows if row.course.state == CourseState.CLOSED]
    over.sort(key=lambda row: row.course_id)
    over.sort(key=lambda row: row.course.ends_on or date.min, reverse=True)
    return OwnRows(live, teacher.record_from(over, year))


def own_hours(person: int, year: int) -> OwnHours:
    """Return the hours of a ROC year by topic, and those of each year."""
    if not has_one_record(person):
        return OwnHours(teacher.hours_by_topic(person, year), teacher.years_with_hours(person))
    rows = [
        (kind, name or "", of_year, Decimal(str(hours)), Decimal(str(helper)))
        for kind, name, of_year, hours, helper in _rows(OWN_HOURS, {**_PARTS, "person": person, "year": year})
    ]
    return OwnHours(
        [(name, hours) for kind, name, _year, hours, _helper in rows if kind == "topic"],
        [
            YearHours(of, hours, helper)
            for kind, _name, of, hours, helper in rows
            if kind == "year" and (hours > 0 or helper > 0)
        ],
    )


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _load_courses(rows: Sequence[Enrolment]) -> None:
    """Give the rows their courses: one statement, none without rows."""
    keys = sorted({row.course_id for row in rows})
    courses = {course.pk: course for course in (COURSES.all(courses=keys) if keys else ())}
    for row in rows:
        row.course = courses[row.course_id]
