"""The closing page's sheet: everybody admitted is prefilled as present with full hours, so that only exceptions are marked.

A plain class, not a formset: 500 people are 500 rows of two fields, and each error belongs to its row. What was posted and what a
draft kept come the same way, as a `Filled`.
"""

import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from courses.enums import OUTCOMES, EnrolmentState
from courses.models import Course, Enrolment
from hours.actions.closing import Mark, Sheet
from hours.errors import AlreadyListed
from hours.models import ClosingDraft, Filled
from hours.queries.people import find_person
from inservice.errors import Refusal
from inservice.texts import tidy

S = EnrolmentState
SALT = "closing-walk-in"
MAX_WALK_INS = 200
MAX_TYPED = 20


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
    if not amount.is_finite() or not step <= amount <= most or amount % step:
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
    walk_in_error: str = ""
    walk_in_typed: str = ""

    @property
    def everybody(self) -> list[Row]:
        return [*self.rows, *self.walk_ins]

    @property
    def is_valid(self) -> bool:
        return not any(row.error for row in self.everybody)

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

    def add_walk_in(self, typed: str) -> None:
        """Put somebody on the list who simply came; the sentence of a refusal stays with the field."""
        self.walk_in_typed = typed
        try:
            person = find_person(typed)
            if person.pk in {row.person.pk for row in self.everybody if row.person}:
                raise AlreadyListed(name=person.name)
        except Refusal as refusal:
            self.walk_in_error = refusal.message
            return
        self.walk_in_typed = ""
        self.walk_ins.append(_walk_in_row(self.course, person, _plain(self.course.hours), self.course.hours))

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
    return _build(
        course, step, key, Filled(dict(_posted_marks(course, data)), _posted_walk_ins(course, data))
    )


def admitted(course: Course) -> list[Enrolment]:
    """Who is on the sheet, by unit and name."""
    rows = course.enrolments.filter(state=S.ADMITTED).select_related("user", "unit")
    return list(rows.order_by("unit__code", "user__name", "id"))


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


def _posted_marks(course: Course, data: QueryDict) -> Iterator[tuple[int, tuple[str, str]]]:
    for name in data:
        kind, _line, number = name.partition("_")
        if kind in ("state", "hours") and number.isascii() and number.isdigit() and len(number) < 18:
            typed = data.get(f"hours_{number}", _plain(course.hours))[:MAX_TYPED]
            yield int(number), (data.get(f"state_{number}", S.ATTENDED), typed)


def _posted_walk_ins(course: Course, data: QueryDict) -> dict[int, str]:
    """Walk-ins come back as signed tokens of this course: nobody can name a person that was not looked up."""
    wanted: dict[int, str] = {}
    for token in data.getlist("walk_in_token")[:MAX_WALK_INS]:
        try:
            course_pk, person_pk = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            continue
        if course_pk == course.pk and data.get("drop") != f"w{person_pk}":
            wanted[person_pk] = data.get(f"hours_w{person_pk}", _plain(course.hours))[:MAX_TYPED]
    return wanted


def _check(sheet: ClosingSheet, row: Row) -> None:
    if row.state not in OUTCOMES:
        row.state, row.error = S.ATTENDED, _("Choose attended, absent or excused.")
    elif row.state == S.ATTENDED:
        try:
            row.hours = read_hours(row.typed, sheet.course.hours, sheet.step)
        except ValueError as error:
            row.error = str(error)


def _seat_walk_ins(sheet: ClosingSheet, filled: Filled) -> None:
    known = {row.person.pk for row in sheet.rows if row.person}
    for person in User.objects.filter(pk__in=filled.walk_ins.keys() - known).order_by("pk"):
        row = _walk_in_row(sheet.course, person, filled.walk_ins[person.pk], None)
        _check(sheet, row)
        sheet.walk_ins.append(row)


def _row(enrolment: Enrolment, state: str, typed: str, hours: Decimal | None = None) -> Row:
    unit = enrolment.unit.name if enrolment.unit else ""
    return Row(enrolment.user.name, unit, state, typed, pk=enrolment.pk, person=enrolment.user, hours=hours)


def _walk_in_row(course: Course, person: User, typed: str, hours: Decimal | None) -> Row:
    token = signing.dumps([course.pk, person.pk], salt=SALT)
    return Row(person.name, "", S.ATTENDED, typed, token=token, person=person, hours=hours)


def _new_key() -> str:
    return uuid.uuid4().hex


def _plain(hours: Decimal) -> str:
    return f"{hours.normalize():f}"
