"""How long what enrolling leaves behind is kept."""

from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from courses.enums import NO_PLACE, SETTLED
from courses.models import Answer, Campaign, CourseMessage, Enrolment, EnrolmentWatch, PlannedAbsence
from courses.queries.answers import over_since
from kit import clock
from kit.retention import TEN_YEARS, Rows, Rule, delete


def _enrolments(day: date) -> Rows:
    """Enrolments that came to nothing, in courses that are over."""
    rows = Enrolment.objects.filter(state__in=NO_PLACE, course__state__in=SETTLED)
    return rows.filter(course__ends_at__lt=clock.at_taipei(day), credits=None, certificates=None)


def _delete_enrolments(rows: Rows) -> int:
    PlannedAbsence.objects.filter(enrolment__in=rows).delete()
    return delete(rows)


def _absences(day: date) -> Rows:
    rows = PlannedAbsence.objects.filter(enrolment__course__state__in=SETTLED)
    return rows.filter(enrolment__course__ends_at__lt=clock.at_taipei(day))


def _answers(day: date) -> Rows:
    return Answer.objects.filter(over_since(clock.at_taipei(day)))


def _watches(day: date) -> Rows:
    return EnrolmentWatch.objects.filter(course__ends_at__lt=clock.at_taipei(day))


def _campaigns(day: date) -> Rows:
    return Campaign.objects.filter(ended_at__lt=clock.at_taipei(day))


RETENTION = {
    "enrolments": Rule(
        _("enrolments without a place: cancelled, not admitted"),
        _("since the end of the course"),
        _("are deleted"),
        2 * 366,
        _enrolments,
        _delete_enrolments,
        last=True,
    ),
    "planned_absences": Rule(
        _("kinds of leave stated in advance"),
        _("since the end of the course"),
        _("deleted; that the person was excused stays"),
        2 * 366,
        _absences,
        delete,
    ),
    "answers": Rule(
        _("answers given when enrolling"),
        _("since the course was closed or withdrawn"),
        _("are deleted"),
        settings.ANSWERS_KEPT_DAYS,
        _answers,
        delete,
    ),
    "watches": Rule(
        _("watched courses"),
        _("since the end of the course"),
        _("are deleted"),
        90,
        _watches,
        delete,
    ),
    "course_messages": Rule(
        _("messages to participants"),
        _("since they were sent"),
        _("are deleted"),
        5 * 366,
        lambda day: CourseMessage.objects.filter(sent_at__lt=clock.at_taipei(day)),
        delete,
    ),
    "campaigns": Rule(
        _("campaigns to have courses closed, with their official letters"),
        _("since their end"),
        _("are deleted"),
        TEN_YEARS,
        _campaigns,
        delete,
    ),
}
