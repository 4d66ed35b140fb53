"""Read what a course's page shows about its reader, and how many wait, in one statement.

A popular course is looked at a thousand times a minute, so the statement is plain SQL (docs/adr/0016).
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.queries.persons import persons_of
from courses.enums import LIVE, EnrolmentState
from courses.models import Course, CourseHelper, Enrolment, PlannedAbsence, Question
from courses.models.double_enrolments import weight_of

FACTS = """
SELECT mine.id, mine.user_id, mine.state, mine.enrolled_at, mine.decided_at, mine.note, mine.cause,
    (SELECT COUNT(*) FROM courses_enrolment WHERE course_id = course.id AND state = %(waitlisted)s) AS waiting,
    EXISTS (SELECT 1 FROM courses_question WHERE course_id = course.id) AS has_questions,
    EXISTS (
        SELECT 1 FROM accounts_user AS other JOIN courses_enrolment AS twin ON twin.user_id = other.id
        WHERE other.merged_into_id = %(user)s AND twin.course_id = course.id AND twin.state <> %(cancelled)s
    ) AS has_twin,
    EXISTS (SELECT 1 FROM courses_plannedabsence WHERE enrolment_id = mine.id) AS has_planned,
    EXISTS (
        SELECT 1 FROM courses_enrolment WHERE user_id = %(user)s AND course_id <> course.id AND state IN ({live})
    ) AS is_live_elsewhere,
    COALESCE((
        SELECT helper.participation FROM courses_coursehelper AS helper JOIN accounts_user AS named ON named.id = helper.user_id
        WHERE helper.course_id = course.id AND (named.id = %(user)s OR named.merged_into_id = %(user)s)
        ORDER BY helper.participation, helper.named_at, helper.id LIMIT 1
    ), '') AS named_as
FROM courses_course AS course
LEFT JOIN courses_enrolment AS mine ON mine.course_id = course.id AND mine.user_id = %(user)s
WHERE course.id = %(course)s
""".replace("{live}", ", ".join(f"'{EnrolmentState(state).value}'" for state in sorted(LIVE)))


@dataclass(frozen=True)
class ReaderFacts:
    """How many wait for a place, whether the course has questions, and the reader's enrolment: of merged records the one that counts.

    `part`: as what the reader is named; empty for who is enrolled or not named. `has_planned`: the enrolment may have a planned absence;
    `is_live_elsewhere`: the reader is live in another course, with which this one may clash.
    """

    waiting: int
    has_questions: bool
    mine: Enrolment | None
    part: str
    has_planned: bool = False
    is_live_elsewhere: bool = False


def reader_facts(course: Course, user_id: int | None) -> ReaderFacts:
    """Return the facts for a person, or for a visitor (None)."""
    values = {
        "course": course.pk,
        "user": user_id or 0,
        "waitlisted": EnrolmentState.WAITLISTED,
        "cancelled": EnrolmentState.CANCELLED,
    }
    found: Any = next(iter(Enrolment.objects.raw(FACTS, values)), None)
    return _facts(course, user_id, found, found if found and found.pk else None)


def reader_facts_by_queryset(course: Course, user_id: int | None) -> ReaderFacts:
    """The queryset that `FACTS` mirrors; a test compares them."""
    of_course = Enrolment.objects.filter(course=OuterRef("pk")).order_by()
    waiting = of_course.filter(state=EnrolmentState.WAITLISTED).values("course").annotate(n=Count("pk"))
    twins = of_course.filter(user__merged_into=user_id or 0).exclude(state=EnrolmentState.CANCELLED)
    elsewhere = Enrolment.objects.filter(user_id=user_id or 0, state__in=LIVE).exclude(course=OuterRef("pk"))
    named = CourseHelper.objects.filter(course=OuterRef("pk"), user__in=persons_of(user_id or 0))
    rows: QuerySet[Course] = Course.objects.filter(pk=course.pk).annotate(
        mine=FilteredRelation("enrolments", condition=Q(enrolments__user_id=user_id or 0)),
        my_id=F("mine__pk"),
        waiting=Coalesce(Subquery(waiting.values("n")), 0),
        has_questions=Exists(Question.objects.filter(course=OuterRef("pk"))),
        has_twin=Exists(twins),
        has_planned=Exists(PlannedAbsence.objects.filter(enrolment=OuterRef("my_id"))),
        is_live_elsewhere=Exists(elsewhere),
        named_as=Coalesce(Subquery(named.values("participation")[:1]), Value("")),
    )
    found: Any = rows.first()
    return _facts(course, user_id, found, Enrolment.objects.filter(pk=found.my_id).first() if found else None)


def _facts(course: Course, user_id: int | None, found: Any, row: Enrolment | None) -> ReaderFacts:
    if found is None:  # deleted since the course was read
        return ReaderFacts(0, False, None, "")
    if user_id and found.has_twin:
        mine, has_planned = _counting(course, user_id), True
    else:
        mine, has_planned = _own(course, row) if row else None, bool(found.has_planned)
    part = "" if mine else str(found.named_as)
    return ReaderFacts(
        waiting=found.waiting,
        has_questions=bool(found.has_questions),
        mine=mine,
        part=part,
        has_planned=has_planned,
        is_live_elsewhere=bool(found.is_live_elsewhere),
    )


def _own(course: Course, row: Enrolment) -> Enrolment:
    return Enrolment(
        pk=row.pk,
        course=course,
        user_id=row.user_id,
        state=row.state,
        enrolled_at=row.enrolled_at,
        decided_at=row.decided_at,
        note=row.note,
        cause=row.cause,
    )


def _counting(course: Course, user_id: int) -> Enrolment | None:
    """Return the enrolment that counts of a person with several records: one query more, for the few who have them."""
    mine = Enrolment.objects.of_person(user_id).filter(course=course.pk)
    row = mine.annotate(weight=weight_of()).order_by("-weight", "pk").first()
    if row is not None:
        row.course = course
    return row
