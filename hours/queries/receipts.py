"""What a closed course gave to whom: as issued, as it is now, and the corrections between."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.queries.guests import organisation_of
from accounts.queries.names import KnownBy, distinguish
from audit.models import AuditEvent
from courses.enums import OUTCOMES, EnrolmentState
from courses.models import Course, Enrolment
from hours.models import Closing, HourCredit
from hours.queries.attendance import Signs, signs_of
from hours.queries.turnout import NO_STAY, Stay, Turnout, stay_of, turnout

ZERO = Decimal("0")
S = EnrolmentState


@dataclass(frozen=True)
class Correction:
    """One act after closing. The states are empty where the record no longer holds them."""

    row: Enrolment
    at: datetime
    by: str
    reason: str
    before: str
    after: str
    hours_before: Decimal
    hours_after: Decimal


@dataclass(frozen=True)
class Totals:
    attended: int
    absent: int
    excused: int
    hours: Decimal


@dataclass(frozen=True)
class ReceiptRow:
    """One person of a receipt; `net` are the hours that count."""

    enrolment: Enrolment
    net: Decimal
    known: KnownBy
    stay: Stay = NO_STAY

    @property
    def organisation(self) -> str:
        """Return the unit that was written for a guest; empty for everybody else."""
        return organisation_of(self.enrolment.user)


@dataclass(frozen=True)
class Receipt:
    rows: Sequence[ReceiptRow]
    corrections: Sequence[Correction]
    issued: Totals
    # The valid signs of each person, by session.
    signs: Mapping[int, Signs]

    @property
    def totals(self) -> Totals:
        """What holds now: the sum of the rows."""
        count = Counter(row.enrolment.state for row in self.rows)
        hours = sum((row.net for row in self.rows), ZERO)
        return Totals(count[S.ATTENDED], count[S.ABSENT], count[S.EXCUSED], hours)

    @property
    def turnout(self) -> Turnout:
        """How many of the enrolled came, and how long."""
        people = [(row.enrolment.state, row.enrolment.walk_in) for row in self.rows]
        return turnout(people, [row.stay for row in self.rows])

    @property
    def is_corrected(self) -> bool:
        return bool(self.corrections) or self.totals != self.issued


def receipt_of(course: Course, closing: Closing) -> Receipt:
    """Everybody of a closed course by unit and name, in a constant number of queries."""
    net = HourCredit.objects.filter(course=course).order_by().by_enrolment()
    found = course.enrolments.filter(state__in=OUTCOMES).select_related("user__guest", "unit")
    people = list(found.by_unit("user__name", "id"))
    known = distinguish(people)
    signs = signs_of(course)
    rows = [
        ReceiptRow(
            row,
            net.get(row.pk) or ZERO,
            known[row.user_id],
            stay_of(signs.get(row.user_id, {}).values()),
        )
        for row in people
    ]
    issued = Totals(closing.attended, closing.absent, closing.excused, closing.hours_total)
    return Receipt(rows, list(_corrections(people)), issued, signs)


def _corrections(rows: Iterable[Enrolment]) -> Iterable[Correction]:
    by_id = {str(row.pk): row for row in rows}
    events = AuditEvent.objects.filter(
        action="hours.correct", object_type=Enrolment._meta.label_lower, object_id__in=by_id
    )
    for event in events.order_by("at", "id"):
        before, after = event.before, event.after
        yield Correction(
            by_id[event.object_id],
            event.at,
            event.actor_label,
            event.reason,
            _label(before.get("state")),
            _label(after.get("state")),
            Decimal(before.get("hours") or 0),
            Decimal(after.get("hours") or 0),
        )


def _label(state: str | None) -> str:
    return str(EnrolmentState(state).label) if state in EnrolmentState.values else ""
