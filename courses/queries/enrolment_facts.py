"""Read what enrolling needs of a course and a person in one statement.

A popular course is requested a thousand times a minute, so the statement is plain SQL (docs/adr/0016).
"""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts.models import Affiliation
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, CourseHelper, Enrolment, Question
from kit.joined_rows import JoinedRows

# The long texts of a course are left out.
FIELDS = (
    "code",
    "title",
    "unit_id",
    "state",
    "starts_on",
    "ends_at",
    "postponed_at",
    "enrol_from",
    "enrol_until",
    "admission",
    "waiting_list",
    "capacity",
    "seats_taken",
    "seats_kept",
    "open_to",
    "only_stages",
    "only_titles",
)
FACTS = JoinedRows(
    Course,
    (),
    """
SELECT {columns},
    known.id AS known_id,
    known.state AS known_state,
    (
        SELECT unit_id FROM accounts_affiliation
        WHERE user_id = %(user)s AND (since IS NULL OR since <= %(day)s) AND (until IS NULL OR until >= %(day)s)
        ORDER BY rank, id LIMIT 1
    ) AS serves_at,
    EXISTS (
        SELECT 1 FROM courses_enrolment WHERE course_id = course.id AND state = %(waitlisted)s
    ) AS is_awaited,
    EXISTS (SELECT 1 FROM courses_question WHERE course_id = course.id) AS has_questions,
    EXISTS (
        SELECT 1 FROM accounts_user AS other JOIN courses_enrolment AS twin ON twin.user_id = other.id
        WHERE other.merged_into_id = %(user)s AND twin.course_id = course.id
            AND twin.state <> %(cancelled)s
    ) AS has_twin,
    EXISTS (
        SELECT 1 FROM courses_coursehelper AS helper JOIN accounts_user AS named ON named.id = helper.user_id
        WHERE helper.course_id = course.id AND (named.id = %(user)s OR named.merged_into_id = %(user)s)
    ) AS is_helper
FROM courses_course AS course
LEFT JOIN courses_enrolment AS known ON known.course_id = course.id AND known.user_id = %(user)s
WHERE course.code = %(code)s AND course.state <> %(draft)s
""",
    only=FIELDS,
)


class EnrolmentFacts(NamedTuple):
    """A course with `FIELDS` only, the person's enrolment in it if there is one, and the unit at which the person serves."""

    course: Course
    known_id: int | None
    known_state: str | None
    unit_id: int | None
    # Whether the waiting list has people on it.
    is_awaited: bool
    # Whether a record that was merged into the person's is enrolled, or was declined.
    has_twin: bool
    # Whether the course has questions at enrolment.
    has_questions: bool = False
    # Whether the person is named as a lecturer or member of staff, also by a merged record.
    is_helper: bool = False


def enrolment_facts(code: str, user_id: int, day: date) -> EnrolmentFacts | None:
    """Return the facts on a Taipei day, or None when there is no such course or it is a draft."""
    values = {
        "code": code,
        "user": user_id,
        "day": day,
        "draft": CourseState.DRAFT,
        "waitlisted": EnrolmentState.WAITLISTED,
        "cancelled": EnrolmentState.CANCELLED,
    }
    return _facts(next(iter(FACTS.all(**values)), None))


def enrolment_facts_by_queryset(code: str, user_id: int, day: date) -> EnrolmentFacts | None:
    """The queryset that `FACTS` mirrors, at eight times the cost; a test compares them."""
    serves_at = Affiliation.objects.serving(day).filter(user_id=user_id).order_by("rank", "id")
    waiting = Enrolment.objects.filter(course=OuterRef("pk"), state=EnrolmentState.WAITLISTED)
    twins = Enrolment.objects.filter(course=OuterRef("pk"), user__merged_into=user_id)
    twins = twins.exclude(state=EnrolmentState.CANCELLED)
    named = Q(user=user_id) | Q(user__merged_into=user_id)
    rows: QuerySet[Course] = (
        Course.objects.exclude(state=CourseState.DRAFT)
        .filter(code=code)
        .annotate(
            known=FilteredRelation("enrolments", condition=Q(enrolments__user_id=user_id)),
            known_id=F("known__pk"),
            known_state=F("known__state"),
            serves_at=Subquery(serves_at.values("unit_id")[:1]),
            is_awaited=Exists(waiting),
            has_twin=Exists(twins),
            has_questions=Exists(Question.objects.filter(course=OuterRef("pk"))),
            is_helper=Exists(CourseHelper.objects.filter(named, course=OuterRef("pk"))),
        )
        .only(*FIELDS)
    )
    return _facts(rows.first())


def _facts(row: Any) -> EnrolmentFacts | None:
    if row is None:
        return None
    flags = bool(row.is_awaited), bool(row.has_twin), bool(row.has_questions), bool(row.is_helper)
    return EnrolmentFacts(row, row.known_id, row.known_state, row.serves_at, *flags)
