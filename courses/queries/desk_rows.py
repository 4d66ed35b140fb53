"""The unclosed courses of a unit as its home page shows them, in one statement (docs/adr/0048)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol, cast

from django.db.models import DateTimeField, F, Min, OuterRef, Subquery

from courses.enums import SEATED, CourseState, EnrolmentState
from courses.models import Course, Session, YearlyPolicy
from courses.models.querysets import CourseQuerySet, first_lit_day
from courses.queries import in_charge, unit_outlook
from courses.queries.whole_course import HANDLER_JOINS, HANDLERS
from kit import clock
from kit.joined_rows import JoinedRows

ON_DESK = JoinedRows(
    Course,
    HANDLERS,
    """
SELECT {columns},
    (SELECT COUNT(*) FROM courses_enrolment WHERE course_id = course.id AND state IN ({seated})) AS people,
    (SELECT COUNT(*) FROM courses_enrolment WHERE course_id = course.id AND state = '{applied}') AS applied,
    (
        SELECT MIN(held.starts_at) FROM courses_session AS held
        WHERE held.course_id = course.id AND held.suspension_id IS NULL AND held.ends_at > %(now)s
    ) AS meets_at
FROM courses_course AS course {joins}
WHERE course.unit_id = %(unit)s AND course.state = '{registered}' AND course.postponed_at IS NULL
ORDER BY course.ends_on, course.id
LIMIT %(limit)s
""".replace("{joins}", HANDLER_JOINS)
    .replace("{seated}", ", ".join(f"'{EnrolmentState(state).value}'" for state in sorted(SEATED)))
    .replace("{applied}", EnrolmentState.APPLIED.value)
    .replace("{registered}", CourseState.REGISTERED.value),
    only=(*unit_outlook.SHOWN, *in_charge.COLUMNS),
    more={"meets_at": DateTimeField()},
)


class DeskFacts(unit_outlook.Counts, Protocol):
    """What `on_desk` adds to a course beside its counts: when the next session begins that is held, running or ahead."""

    meets_at: datetime | None


def facts_of(course: Course) -> DeskFacts:
    """Return what `on_desk` has added to a course."""
    return cast(DeskFacts, course)


def on_desk(unit_id: int, year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> list[Course]:
    """Return the first `unit_outlook.MOST` rows of `unclosed`, each with `meets_at`."""
    rows = ON_DESK.all(unit=unit_id, now=clock.now(), limit=unit_outlook.MOST + 1)
    if len(rows) > unit_outlook.MOST:
        # Which of so many are the first, the database has to say.
        return list(with_meeting(unit_outlook.unclosed(unit_id, year, day, policies))[: unit_outlook.MOST])
    for row in rows:
        first = first_lit_day(year, policies, row.year, row.ends_on)
        facts_of(row).lit = first is not None and first <= day
    return sorted(rows, key=lambda row: not facts_of(row).lit)


def with_meeting(rows: CourseQuerySet) -> CourseQuerySet:
    """Add to courses when their next session begins (`meetings.next_meeting`)."""
    held = Session.objects.filter(course=OuterRef("pk"), suspension=None, ends_at__gt=clock.now()).order_by()
    first = held.values("course").annotate(first=Min(F("starts_at"))).values("first")
    return rows.annotate(meets_at=Subquery(first))
