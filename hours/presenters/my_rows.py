"""A teacher's own courses as the home page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from accounts.queries.unit_history import unit_names
from courses.models import Course, CourseHelper, Enrolment
from courses.presenters.enrol_button import stays_waiting
from courses.queries.contacts import Contact, shown_contacts
from courses.queries.meetings import Meeting, next_meeting
from courses.queries.offers import offers_to_waiting
from courses.queries.windows import Window, cancel_window, may_cancel, placed_at
from hours.presenters.object_forms import ObjectForms
from hours.queries.credited import net_of
from kit import clock
from kit.row_templates import RowTemplate, joined
from kit.templatetags import ui

EARNED = RowTemplate(
    "hours/partials/earned_row.html",
    ("title", "code", "unit", "ended", "hours", "token", "form"),
)


@dataclass(frozen=True)
class AheadRow:
    """A course ahead: its next session, and whether and until when the person may cancel."""

    enrolment: Enrolment
    meeting: Meeting | None
    may_cancel: bool
    is_offered: bool
    window: Window
    # Why a person who waits gets no place unless the organiser admits them.
    outside: str = ""

    @property
    def in_turn(self) -> tuple[bool, float, int]:
        """The order of the list: the next session first, those without one last."""
        starts = self.meeting.starts_at.timestamp() if self.meeting else 0
        return (self.meeting is None, starts, self.enrolment.course_id)


@dataclass(frozen=True)
class HelpingRow:
    """A course ahead at which the person lectures or helps, with its next session."""

    helper: CourseHelper
    meeting: Meeting | None


@dataclass(frozen=True)
class PastRow:
    """A course that is over: the days since, the form of an objection to it, and the contacts."""

    enrolment: Enrolment
    days_since: int | None
    object_form: SafeString
    contacts: Sequence[Contact] = ()

    @property
    def course(self) -> Course:
        return self.enrolment.course


def ahead_rows(rows: Iterable[Enrolment], person: int) -> list[AheadRow]:
    """Return the rows of `teacher.live` of a person, the next session first."""
    rows = list(rows)
    waiting = offers_to_waiting(rows, person=person)
    found = [
        AheadRow(
            enrolment=row,
            meeting=next_meeting(row.course),
            may_cancel=may_cancel(row.course, row),
            is_offered=row.pk in waiting.may_take,
            window=cancel_window(row.course, placed_at(row)),
            outside=stays_waiting(waiting.obstacles.get(row.pk)),
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: row.in_turn)


def helping_rows(rows: Iterable[CourseHelper]) -> list[HelpingRow]:
    """Return the rows of `teacher.helping_ahead`, the next session first, those that are postponed last."""
    found = [HelpingRow(row, next_meeting(row.course)) for row in rows]
    return sorted(found, key=_in_turn)


def _in_turn(row: HelpingRow) -> tuple[bool, float]:
    return (row.meeting is None, row.meeting.starts_at.timestamp() if row.meeting else 0)


def past_rows(rows: Iterable[Enrolment], forms: ObjectForms) -> list[PastRow]:
    """Return the rows in their order."""
    today = clock.today()
    return [
        PastRow(
            enrolment=row,
            days_since=(today - row.course.ends_on).days if row.course.ends_on else None,
            object_form=forms.form_of(row),
            contacts=shown_contacts(row.course),
        )
        for row in rows
    ]


def earned_rows(rows: Iterable[Enrolment], forms: ObjectForms) -> SafeString:
    """Return the rows of `YearRecord.earned` as HTML: title, unit as it was called then, day, hours, certificate, form of an objection."""
    names = unit_names()
    return joined(
        EARNED.print(
            row.get_participation_display() if row.is_helper else "",
            {
                "title": row.course.title,
                "code": row.course.code,
                "unit": names.on(row.course.unit, row.course.ends_on),
                "ended": ui.roc(row.course.ends_on),
                "hours": ui.hours(net_of(row)),
                "token": forms.token,
                "form": forms.form_of(row),
            },
        )
        for row in rows
    )
