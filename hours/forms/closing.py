"""The closing page's sheet: everybody admitted is prefilled as present with full hours, so that only exceptions are marked.

A plain class, not a formset: 400 people are 400 rows of two fields, and each error belongs to its row.
"""

import unicodedata
import uuid
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
from hours.queries.people import find_person
from inservice.errors import Refusal

S = EnrolmentState
SALT = "closing-walk-in"
MAX_WALK_INS = 200


def read_hours(text: str, most: Decimal, step: Decimal) -> Decimal:
    """The hours typed, full-width digits welcome; ValueError with the sentence for anything else."""
    sentence = _("Write a number of hours between %(step)s and %(most)s, in steps of %(step)s.") % {
        "step": f"{step.normalize():f}",
        "most": f"{most.normalize():f}",
    }
    try:
        amount = Decimal(unicodedata.normalize("NFKC", text).strip())
    except InvalidOperation:
        raise ValueError(sentence) from None
    if not amount.is_finite() or not step <= amount <= most or amount % step:
        raise ValueError(sentence)
    return amount


@dataclass
class Row:
    """One person on the page: an enrolment, or a walk-in when `token` is set."""

    name: str
    unit: str
    state: str
    typed: str
    pk: int = 0
    token: str = ""
    person: User | None = None
    hours: Decimal | None = None
    error: str = ""

    @property
    def key(self) -> str:
        return f"{self.pk}" if self.pk else f"w{self.person.pk if self.person else 0}"

    @property
    def is_exception(self) -> bool:
        return self.state != S.ATTENDED or bool(self.error) or bool(self.token)


@dataclass
class ClosingSheet:
    """The page as drawn or as posted."""

    course: Course
    step: Decimal
    key: str
    rows: list[Row]
    walk_ins: list[Row] = field(default_factory=list)
    walk_in_error: str = ""
    walk_in_typed: str = ""

    @property
    def everybody(self) -> list[Row]:
        return [*self.rows, *self.walk_ins]

    @property
    def is_valid(self) -> bool:
        return not any(row.error for row in self.everybody)

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.everybody)

    @property
    def totals(self) -> dict[str, object]:
        """What the clerk sees before closing: people by outcome, and hours."""
        given = [row.hours for row in self.everybody if row.state == S.ATTENDED and row.hours is not None]
        return {
            "attended": self.count(S.ATTENDED),
            "absent": self.count(S.ABSENT),
            "excused": self.count(S.EXCUSED),
            "walk_ins": len(self.walk_ins),
            "hours": sum(given, Decimal("0")),
        }

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


def fresh(course: Course, step: Decimal) -> ClosingSheet:
    """Everybody present with the course's full hours."""
    full = _plain(course.hours)
    rows = [_row(e, S.ATTENDED, full, course.hours) for e in admitted(course)]
    return ClosingSheet(course, step, uuid.uuid4().hex, rows)


def admitted(course: Course) -> list[Enrolment]:
    """Who is on the sheet, by unit and name."""
    rows = course.enrolments.filter(state=S.ADMITTED).select_related("user", "unit")
    return list(rows.order_by("unit__code", "user__name", "id"))


def posted(course: Course, step: Decimal, data: QueryDict) -> ClosingSheet:
    """The page as it came back. A person who was admitted meanwhile appears prefilled; one who left is gone."""
    sheet = ClosingSheet(course, step, data.get("request_key", "")[:64] or uuid.uuid4().hex, [])
    for enrolment in admitted(course):
        sheet.rows.append(_posted_row(sheet, enrolment, data))
    _read_walk_ins(sheet, data)
    return sheet


def _posted_row(sheet: ClosingSheet, enrolment: Enrolment, data: QueryDict) -> Row:
    state = data.get(f"state_{enrolment.pk}", S.ATTENDED)
    typed = data.get(f"hours_{enrolment.pk}", _plain(sheet.course.hours))[:20]
    row = _row(enrolment, state, typed, None)
    if state not in OUTCOMES:
        row.state, row.error = S.ATTENDED, _("Choose attended, absent or excused.")
    else:
        _check(sheet, row)
    return row


def _check(sheet: ClosingSheet, row: Row) -> None:
    if row.state != S.ATTENDED:
        return
    try:
        row.hours = read_hours(row.typed, sheet.course.hours, sheet.step)
    except ValueError as error:
        row.error = str(error)


def _read_walk_ins(sheet: ClosingSheet, data: QueryDict) -> None:
    """Walk-ins come back as signed tokens of this course: nobody can name a person that was not looked up."""
    wanted: dict[int, str] = {}
    for token in data.getlist("walk_in_token")[:MAX_WALK_INS]:
        try:
            course_pk, person_pk = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            continue
        if course_pk == sheet.course.pk and data.get("drop") != f"w{person_pk}":
            wanted[person_pk] = data.get(f"hours_w{person_pk}", _plain(sheet.course.hours))[:20]
    known = {row.person.pk for row in sheet.rows if row.person}
    for person in User.objects.filter(pk__in=wanted.keys() - known).order_by("pk"):
        row = _walk_in_row(sheet.course, person, wanted[person.pk], None)
        _check(sheet, row)
        sheet.walk_ins.append(row)


def _row(enrolment: Enrolment, state: str, typed: str, hours: Decimal | None) -> Row:
    unit = enrolment.unit.name if enrolment.unit else ""
    return Row(enrolment.user.name, unit, state, typed, pk=enrolment.pk, person=enrolment.user, hours=hours)


def _walk_in_row(course: Course, person: User, typed: str, hours: Decimal | None) -> Row:
    token = signing.dumps([course.pk, person.pk], salt=SALT)
    return Row(person.name, "", S.ATTENDED, typed, token=token, person=person, hours=hours)


def _plain(hours: Decimal) -> str:
    return f"{hours.normalize():f}"
