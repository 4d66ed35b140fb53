"""The closing page as its template shows it: the rows of the people, what is wrong in each, and the totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.actions.guests import GuestFacts
from accounts.models import User
from courses.enums import EnrolmentState, Participation
from courses.models import Course, PlannedAbsence
from hours.forms.evidence import part_words
from hours.models import Mark, Sheet
from hours.models.sheet import ZERO
from hours.queries.attendance import CourseAttendance

S = EnrolmentState


@dataclass(frozen=True)
class Row:
    """One person on the page: an enrolment, or a walk-in when `token` is set. `is_new`: joined the list since the page was loaded."""

    name: str
    unit: str
    mark: Mark
    person: User
    pk: int = 0
    token: str = ""
    error: str = ""
    is_new: bool = False
    # Distinguishes this person from another one of the same name and unit; mostly empty.
    known_by: str = ""
    # What the person's signs leave open, with the times; what they suggest.
    evidence: Sequence[str] = ()
    suggested: Mark | None = None
    # What the person said about not coming; None for nothing.
    planned: PlannedAbsence | None = None
    part: str = Participation.PARTICIPANT

    @property
    def is_helper(self) -> bool:
        """Whether the person is a lecturer or a member of staff, whose hours do not follow from signs."""
        return self.part != Participation.PARTICIPANT

    @property
    def part_label(self) -> str:
        return str(Participation(self.part).label)

    @property
    def differs(self) -> bool:
        """Whether the clerk marks something else than the person's signs suggest; who said so in advance may be excused."""
        if self.is_helper or (self.planned and self.state == S.EXCUSED):
            return False
        return self.suggested is not None and self.mark.meaning != self.suggested.meaning

    @property
    def key(self) -> str:
        return f"{self.pk}" if self.pk else f"w{self.person.pk}"

    @property
    def state(self) -> str:
        return self.mark.state

    @property
    def typed(self) -> str:
        return self.mark.typed

    @property
    def hours(self) -> Decimal | None:
        """The hours of who attended; None while the field is wrong."""
        return self.mark.hours if self.state == S.ATTENDED and not self.error else None


@dataclass(frozen=True)
class ClosingPage:
    """A sheet with names. `gone` are the people who left the list since the page was loaded.

    `sheet` holds what the clerk saw: a person who joined since has no mark in it yet, and one who left keeps the mark in case
    of a return. It covers exactly the list once the page `is_ready`.
    """

    course: Course
    step: Decimal
    sheet: Sheet
    rows: Sequence[Row] = ()
    walk_ins: Sequence[Row] = ()
    # Lecturers and staff, apart from the participants.
    helpers: Sequence[Row] = ()
    gone: Sequence[Row] = ()
    # What is wrong with the sheet as a whole, in sentences.
    problems: Sequence[str] = ()
    walk_in_error: str = ""
    walk_in_typed: str = ""
    # What was typed of a person from outside, and what is wrong with it, by field.
    guest: GuestFacts = GuestFacts("", "")
    guest_errors: Mapping[str, str] = field(default_factory=dict)
    attendance: CourseAttendance | None = None

    @property
    def key(self) -> str:
        return self.sheet.request_key

    @property
    def participants(self) -> list[Row]:
        return [*self.rows, *self.walk_ins]

    @property
    def everybody(self) -> list[Row]:
        return [*self.participants, *self.helpers]

    @property
    def is_filled(self) -> bool:
        """Whether the sheet is filled from people's signs."""
        return self.attendance is not None and self.attendance.is_recorded

    @property
    def questions(self) -> list[Row]:
        return [row for row in self.everybody if row.evidence]

    @property
    def unrecorded(self) -> list[str]:
        """Name the parts in which nobody signed."""
        if self.attendance is None:
            return []
        numbers = self.attendance.numbers
        return [part_words(part, numbers).rstrip(":：") for part in self.attendance.unrecorded]

    @property
    def is_valid(self) -> bool:
        return not self.problems and not any(row.error for row in self.everybody)

    @property
    def arrived(self) -> list[Row]:
        return [row for row in self.rows if row.is_new]

    @property
    def list_changed(self) -> bool:
        return bool(self.arrived or self.gone)

    @property
    def is_ready(self) -> bool:
        """Whether the page has no error and the sender saw everybody on the list."""
        return self.is_valid and not self.list_changed

    def in_state(self, state: str) -> list[Row]:
        """Return the participants with an outcome."""
        return [row for row in self.participants if row.state == state]

    @property
    def fewer_hours(self) -> list[Row]:
        """Who attended and gets less than the course's full hours."""
        return [row for row in self.in_state(S.ATTENDED) if row.hours and row.hours != self.course.hours]

    @cached_property
    def totals(self) -> dict[str, object]:
        """What the clerk sees before closing: people by outcome, and hours."""
        given = [row.hours for row in self.in_state(S.ATTENDED) if row.hours is not None]
        return {
            "everybody": len(self.everybody),
            "attended": len(self.in_state(S.ATTENDED)),
            "absent": len(self.in_state(S.ABSENT)),
            "excused": len(self.in_state(S.EXCUSED)),
            "walk_ins": len(self.walk_ins),
            "hours": sum(given, ZERO),
            "helpers": len(self.helpers),
            "helper_hours": sum((row.hours or ZERO for row in self.helpers), ZERO),
        }

    @property
    def exceptions(self) -> list[tuple[str, list[Row]]]:
        """Return the people who are not simply present with full hours, by kind: the confirmation lists them by name."""
        kinds = [
            (_("Absent"), self.in_state(S.ABSENT)),
            (_("Excused"), self.in_state(S.EXCUSED)),
            (_("Fewer hours"), self.fewer_hours),
            (_("Came without enrolment"), list(self.walk_ins)),
            (_("Lecturers"), [row for row in self.helpers if row.part == Participation.LECTURER]),
            (_("Staff of the course"), [row for row in self.helpers if row.part == Participation.STAFF]),
        ]
        return [(words, rows) for words, rows in kinds if rows]
