"""The closing page's sheet: everybody admitted is prefilled as present with full hours, so that only exceptions are marked.

A plain class, not a formset: 500 people are 500 rows of two fields, and each error belongs to its row. What was posted and what a
draft kept come the same way, as a `Filled`.
"""

import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries.names import tell_apart
from courses.enums import OUTCOMES, EnrolmentState
from courses.models import Course, Enrolment
from courses.queries.hour_steps import fits
from hours.actions.sheets import MOST_WALK_INS, Mark, Sheet
from hours.errors import AlreadyListed, TooManyWalkIns
from hours.forms.closing_post import SALT, Posted, read_post, token_of
from hours.models import ClosingDraft, Filled
from kit.texts import tidy

__all__ = ["SALT", "ClosingSheet", "Row", "fresh", "posted", "resent", "restored"]
S = EnrolmentState


def hours_sentence(most: Decimal, step: Decimal) -> str:
    """What may stand in a field of hours."""
    return _("Write a number of hours between %(step)s and %(most)s, in steps of %(step)s.") % {
        "step": _plain(step),
        "most": _plain(most),
    }


def read_hours(text: str, most: Decimal, step: Decimal) -> Decimal:
    """The hours typed, full-width digits welcome; ValueError with the sentence for anything else."""
    try:
        amount = Decimal(unicodedata.normalize("NFKC", text).strip())
    except InvalidOperation:
        raise ValueError(hours_sentence(most, step)) from None
    if not amount.is_finite() or not fits(amount, most, step):
        raise ValueError(hours_sentence(most, step))
    return amount


@dataclass
class Row:
    """One person on the page: an enrolment, or a walk-in when `token` is set. `is_new` came on the list since it was drawn."""

    name: str
    unit: str
    state: str
    typed: str
    pk: int = 0
    token: str = ""
    person: User | None = None
    hours: Decimal | None = None
    error: str = ""
    is_new: bool = False
    # What tells this person from another one of the same name and unit; mostly empty.
    known_by: str = ""

    @property
    def key(self) -> str:
        return f"{self.pk}" if self.pk else f"w{self.person.pk if self.person else 0}"


@dataclass
class ClosingSheet:
    """The page as drawn, as restored from a draft, or as posted. `gone` are the people who left the list since."""

    course: Course
    step: Decimal
    key: str
    rows: list[Row] = field(default_factory=list)
    walk_ins: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    # What is wrong with the sheet as a whole, in sentences.
    problems: list[str] = field(default_factory=list)
    walk_in_error: str = ""
    walk_in_typed: str = ""

    @property
    def everybody(self) -> list[Row]:
        return [*self.rows, *self.walk_ins]

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
        """Nothing is wrong, and whoever sent it saw everybody who is on it."""
        return self.is_valid and not self.list_changed

    def in_state(self, state: str) -> list[Row]:
        return [row for row in self.everybody if row.state == state]

    @property
    def fewer_hours(self) -> list[Row]:
        """Who attended and gets less than the course's full hours."""
        return [row for row in self.in_state(S.ATTENDED) if row.hours and row.hours != self.course.hours]

    @property
    def totals(self) -> dict[str, object]:
        """What the clerk sees before closing: people by outcome, and hours."""
        given = [row.hours for row in self.in_state(S.ATTENDED) if row.hours is not None]
        return {
            "everybody": len(self.everybody),
            "attended": len(self.in_state(S.ATTENDED)),
            "absent": len(self.in_state(S.ABSENT)),
            "excused": len(self.in_state(S.EXCUSED)),
            "walk_ins": len(self.walk_ins),
            "hours": sum(given, Decimal("0")),
        }

    @property
    def exceptions(self) -> list[tuple[str, list[Row]]]:
        """Who is not simply present with full hours, by kind: what the question before closing lists by name."""
        kinds = [
            (_("Absent"), self.in_state(S.ABSENT)),
            (_("Excused"), self.in_state(S.EXCUSED)),
            (_("Fewer hours"), self.fewer_hours),
            (_("Came without enrolment"), self.walk_ins),
        ]
        return [(words, rows) for words, rows in kinds if rows]

    def add_walk_ins(self, people: Iterable[User]) -> None:
        """Put people on the list who simply came. Raises AlreadyListed, TooManyWalkIns; then nobody is added."""
        listed = {row.person.pk for row in self.everybody if row.person}
        rows = []
        for person in people:
            if person.pk in listed:
                raise AlreadyListed(name=person.name)
            listed.add(person.pk)
            rows.append(_walk_in_row(self.course, person, _plain(self.course.hours), self.course.hours))
        if (number := len(self.walk_ins) + len(rows)) > MOST_WALK_INS:
            raise TooManyWalkIns(number=number, most=MOST_WALK_INS)
        self.walk_ins += rows

    def sheet(self) -> Sheet:
        """The checked sheet for the action."""
        marks = {row.pk: Mark(S(row.state), row.hours or Decimal("0")) for row in self.rows}
        walked = [(row.person, row.hours or Decimal("0")) for row in self.walk_ins if row.person]
        return Sheet(self.key, marks, walked)

    def filled(self) -> Filled:
        """The sheet as a draft keeps it. Who arrived unseen stays out and so stays new; who left keeps the mark, should they return."""
        seen = [row for row in self.rows if not row.is_new]
        left = [row for row in self.gone if row.state in OUTCOMES]
        marks = {row.pk: (row.state, tidy(row.typed)) for row in [*seen, *left]}
        return Filled(marks, {row.person.pk: tidy(row.typed) for row in self.walk_ins if row.person})


def fresh(course: Course, step: Decimal) -> ClosingSheet:
    """Everybody present with the course's full hours."""
    full = _plain(course.hours)
    rows = [_row(e, S.ATTENDED, full, course.hours) for e in admitted(course)]
    return ClosingSheet(course, step, _new_key(), rows)


def restored(course: Course, step: Decimal, draft: ClosingDraft) -> ClosingSheet:
    """The page as a draft left it; an empty draft is a fresh page."""
    return fresh(course, step) if draft.filled.is_empty else _build(course, step, _new_key(), draft.filled)


def posted(course: Course, step: Decimal, data: QueryDict) -> ClosingSheet:
    """The page as it came back."""
    key = tidy(data.get("request_key", ""))[:64] or _new_key()
    read = read_post(course, data)
    sheet = _build(course, step, key, read.filled)
    sheet.problems = [*read.problems, *sheet.problems]
    return sheet


def resent(course: Course, step: Decimal, data: QueryDict) -> Sheet:
    """The posted marks as the action gets them, without the list of today: what a repeated request is compared by."""
    read: Posted = read_post(course, data)
    marks = {
        pk: Mark(S(state), _hours_or_zero(course, step, state, typed))
        for pk, (state, typed) in read.marks.items()
        if state in OUTCOMES
    }
    people = User.objects.in_bulk(read.walk_ins)
    walked = [
        (person, _hours_or_zero(course, step, S.ATTENDED, read.walk_ins[pk])) for pk, person in people.items()
    ]
    return Sheet(tidy(data.get("request_key", ""))[:64], marks, walked)


def _hours_or_zero(course: Course, step: Decimal, state: str, typed: str) -> Decimal:
    try:
        return read_hours(typed, course.hours, step) if state == S.ATTENDED else Decimal("0")
    except ValueError:
        return Decimal("0")


def admitted(course: Course) -> list[Enrolment]:
    """Who is on the sheet, by unit and name."""
    found = course.enrolments.filter(state=S.ADMITTED).select_related("user", "unit")
    rows = list(found.order_by("unit__code", "user__name", "id"))
    tell_apart(rows)
    return rows


def _build(course: Course, step: Decimal, key: str, filled: Filled) -> ClosingSheet:
    """Who was admitted since appears prefilled and is marked as new; who left is named with the mark given."""
    sheet = ClosingSheet(course, step, key)
    for enrolment in admitted(course):
        if enrolment.pk in filled.marks:
            row = _row(enrolment, *filled.marks[enrolment.pk])
            _check(sheet, row)
        else:
            row = _row(enrolment, S.ATTENDED, _plain(course.hours), course.hours)
            row.is_new = True
        sheet.rows.append(row)
    missing = filled.marks.keys() - {row.pk for row in sheet.rows}
    if missing:
        left = course.enrolments.filter(pk__in=missing).select_related("user", "unit")
        sheet.gone = [_row(e, *filled.marks[e.pk]) for e in left.order_by("user__name", "id")]
    _seat_walk_ins(sheet, filled)
    return sheet


def _check(sheet: ClosingSheet, row: Row) -> None:
    if row.state not in OUTCOMES:
        row.state, row.error = S.ATTENDED, _("Choose attended, absent or excused.")
    elif row.state == S.ATTENDED:
        try:
            row.hours = read_hours(row.typed, sheet.course.hours, sheet.step)
        except ValueError as error:
            row.error = str(error)


def _seat_walk_ins(sheet: ClosingSheet, filled: Filled) -> None:
    """Whoever is on the list of the enrolled meanwhile is marked there: a sentence says so."""
    known = {row.person.pk: row.name for row in sheet.rows if row.person}
    sheet.problems += [AlreadyListed(name=known[pk]).message for pk in filled.walk_ins.keys() & known.keys()]
    for person in User.objects.filter(pk__in=filled.walk_ins.keys() - known.keys()).order_by("pk"):
        row = _walk_in_row(sheet.course, person, filled.walk_ins[person.pk], None)
        _check(sheet, row)
        sheet.walk_ins.append(row)
    if (number := len(sheet.walk_ins)) > MOST_WALK_INS:
        sheet.problems.append(TooManyWalkIns(number=number, most=MOST_WALK_INS).message)


def _row(enrolment: Enrolment, state: str, typed: str, hours: Decimal | None = None) -> Row:
    unit = enrolment.unit.name if enrolment.unit else ""
    known_by = getattr(enrolment, "known_by", "")
    return Row(
        enrolment.user.name,
        unit,
        state,
        typed,
        pk=enrolment.pk,
        person=enrolment.user,
        hours=hours,
        known_by=known_by,
    )


def _walk_in_row(course: Course, person: User, typed: str, hours: Decimal | None) -> Row:
    token = token_of(course, person)
    return Row(person.name, "", S.ATTENDED, typed, token=token, person=person, hours=hours)


def _new_key() -> str:
    return uuid.uuid4().hex


def _plain(hours: Decimal) -> str:
    return f"{hours.normalize():f}"
