"""Read in one statement which of the rarer things there are for a closing sheet, so that the page reads no others.

Most courses have no draft, no signs, no named lecturers and nobody undecided; each of these is a wide query. Plain SQL (docs/adr/0016).
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from courses.models import CourseHelper, Enrolment
from courses.queries.undecided import UNDECIDED
from hours.enums import ReportState
from hours.models import Attendance, ClosingDraft, MissedSign

NEEDS = """
SELECT
    EXISTS (SELECT 1 FROM hours_closingdraft WHERE course_id = %(course)s),
    EXISTS (
        SELECT 1 FROM courses_session AS held JOIN hours_attendance AS sign ON sign.session_id = held.id
        WHERE held.course_id = %(course)s AND sign.taken_back_at IS NULL
    ) OR EXISTS (
        SELECT 1 FROM courses_session AS held JOIN hours_missedsign AS report ON report.session_id = held.id
        WHERE held.course_id = %(course)s AND report.state = '{open}'
    ),
    EXISTS (SELECT 1 FROM courses_coursehelper WHERE course_id = %(course)s),
    EXISTS (SELECT 1 FROM courses_enrolment WHERE course_id = %(course)s AND state IN ({undecided})),
    EXISTS (
        SELECT 1 FROM courses_enrolment AS mine JOIN accounts_user AS person ON person.id = mine.user_id
        WHERE mine.course_id = %(course)s AND (
            person.merged_into_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM accounts_user AS other WHERE other.merged_into_id = person.id)
        )
    )
""".format(
    open=ReportState.OPEN.value, undecided=", ".join(f"'{state.value}'" for state in sorted(UNDECIDED))
)


@dataclass(frozen=True)
class ClosingNeeds:
    """Whether there may be drafts, valid signs or open reports of missed ones, named lecturers and staff, undecided people, and people with
    merged records among those who enrolled.
    """

    drafts: bool = True
    signs: bool = True
    helpers: bool = True
    undecided: bool = True
    merged: bool = True


EVERYTHING = ClosingNeeds()


def closing_needs(course_id: int) -> ClosingNeeds:
    with connection.cursor() as cursor:
        cursor.execute(NEEDS, {"course": course_id})
        return ClosingNeeds(*map(bool, cursor.fetchone()))


def closing_needs_by_queryset(course_id: int) -> ClosingNeeds:
    """The querysets that `NEEDS` mirrors; a test compares them."""
    of_course = Enrolment.objects.filter(course=course_id)
    merged = Q(user__merged_into__isnull=False) | Q(Exists(User.objects.filter(merged_into=OuterRef("user"))))
    return ClosingNeeds(
        drafts=ClosingDraft.objects.filter(course=course_id).exists(),
        signs=Attendance.objects.valid().of_course(course_id).exists()
        or MissedSign.objects.filter(session__course=course_id, state=ReportState.OPEN).exists(),
        helpers=CourseHelper.objects.filter(course=course_id).exists(),
        undecided=of_course.filter(state__in=UNDECIDED).exists(),
        merged=of_course.filter(merged).exists(),
    )
