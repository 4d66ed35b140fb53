"""How long the evidence behind the hours is kept. The ledger itself is kept for ever and never changed.

Lists that belong to accounts are kept for ten years (guess): so are the signs from which a sheet is printed.
"""

from datetime import date

from django.utils.translation import gettext_lazy as _

from courses.enums import SETTLED
from courses.models import Course
from hours.enums import ObjectionState, ReportState
from hours.models import Attendance, MissedSign, Objection, SurveyAnswered
from kit import clock
from kit.retention import TEN_YEARS, Rows, Rule, delete


def _attendance(day: date) -> Rows:
    rows = Attendance.objects.filter(session__course__state__in=SETTLED)
    return rows.filter(session__course__ends_at__lt=clock.at_taipei(day))


def _never_printed(rows: Rows) -> int:
    """Return the number of courses among these signs whose sheets were never printed or taken as a file."""
    courses = Course.objects.filter(pk__in=rows.order_by().values("session__course"))
    return courses.filter(sheets_made_at=None).count()


RETENTION = {
    "attendance": Rule(
        _("signs of attendance"),
        _("since the end of the course"),
        _("deleted; hours and absences stay"),
        TEN_YEARS,
        _attendance,
        delete,
        _never_printed,
    ),
    "questionnaires": Rule(
        _("who answered a questionnaire"),
        _("since the end of the course"),
        _("are deleted; the sums stay"),
        2 * 366,
        # As long as a course has a questionnaire that is open, the row keeps a person from replying twice.
        lambda day: SurveyAnswered.objects.filter(
            course__state__in=SETTLED, course__ends_at__lt=clock.at_taipei(day)
        ),
        delete,
    ),
    "missed_signs": Rule(
        _("reports of missed signs"),
        _("since the decision"),
        _("are deleted"),
        5 * 366,
        lambda day: MissedSign.objects.exclude(state=ReportState.OPEN).filter(
            decided_at__lt=clock.at_taipei(day)
        ),
        delete,
    ),
    "objections": Rule(
        _("objections to hours"),
        _("since they were raised"),
        _("deleted, when they are answered; corrections of the hours stay"),
        5 * 366,
        lambda day: Objection.objects.filter(
            state__in=[ObjectionState.ANSWERED, ObjectionState.REVIEWED],
            raised_at__lt=clock.at_taipei(day),
        ),
        delete,
    ),
}
