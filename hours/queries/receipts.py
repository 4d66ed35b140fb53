"""What a closed course gave to whom: as issued, as it is now, and the corrections between."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.queries.names import KnownBy, distinguish
from audit.models import AuditEvent
from courses.enums import OUTCOMES, EnrolmentState, Participation
from courses.models import Course, Enrolment
from hours.models import Closing, HourCredit
from hours.queries.attendance import Signs, signs_of
from hours.queries.deviations import ACT, read
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
    # Of the participants.
    hours: Decimal
    helpers: int = 0
    helper_hours: Decimal = ZERO


@dataclass(frozen=True)
class ReceiptRow:
    """One person of a receipt; `net` are the hours that count."""

    enrolment: Enrolment
    net: Decimal
    known: KnownBy
    stay: Stay = NO_STAY
    # What the signs were worth where other hours were issued.
    by_signs: Decimal | None = None


@dataclass(frozen=True)
class Receipt:
    rows: Sequence[ReceiptRow]
    corrections: Sequence[Correction]
    issued: Totals
    # The valid signs of each person, by session.
    signs: Mapping[int, Signs]

    @property
    def participants(self) -> list[ReceiptRow]:
        return [row for row in self.rows if not row.enrolment.is_helper]

    @property
    def totals(self) -> Totals:
        """What holds now: the sum of the rows, lecturers and staff apart."""
        count = Counter(row.enrolment.state for row in self.participants)
        hours = sum((row.net for row in self.participants), ZERO)
        helping = [row for row in self.rows if row.enrolment.is_helper and row.net > 0]
        helper_hours = sum((row.net for row in helping), ZERO)
        outcomes = (count[S.ATTENDED], count[S.ABSENT], count[S.EXCUSED])
        return Totals(*outcomes, hours, len(helping), helper_hours)

    @property
    def turnout(self) -> Turnout:
        """How many of the enrolled came, and how long."""
        people = [(row.enrolment.state, row.enrolment.walk_in) for row in self.participants]
        return turnout(people, [row.stay for row in self.participants])

    @property
    def is_corrected(self) -> bool:
        return bool(self.corrections) or self.totals != self.issued


def receipt_of(course: Course, closing: Closing) -> Receipt:
    """Everybody of a closed course by unit and name, in a constant number of queries."""
    net = HourCredit.objects.filter(course=course).order_by().by_enrolment()
    found = course.enrolments.filter(state__in=OUTCOMES).select_related("user__guest", "unit")
    people = list(found.by_unit("user__name", "id"))
    known = distinguish(people)
    signs, events = signs_of(course), _events(course, people)
    differing = _differing(events)
    rows = [
        ReceiptRow(
            row,
            net.get(row.pk) or ZERO,
            known[row.user_id],
            stay_of(signs.get(row.user_id, {}).values()),
            differing.get(row.pk),
        )
        for row in people
    ]
    outcomes = (closing.attended, closing.absent, closing.excused)
    issued = Totals(*outcomes, closing.hours_total, closing.helpers, closing.helper_hours)
    return Receipt(rows, list(_corrections(people, events)), issued, signs)


def _events(course: Course, rows: Iterable[Enrolment]) -> list[AuditEvent]:
    """Return the corrections of the record, and where hours differed from the signs when the course was closed, in one query."""
    corrected = Q(
        action="hours.correct",
        object_type=Enrolment._meta.label_lower,
        object_id__in=[str(row.pk) for row in rows],
    )
    compared = Q(action=ACT, object_type=Course._meta.label_lower, object_id=str(course.pk))
    return list(AuditEvent.objects.filter(corrected | compared).order_by("at", "id"))


def _differing(events: Iterable[AuditEvent]) -> dict[int, Decimal]:
    found = [read(event.after) for event in events if event.action == ACT]
    return found[0] if found else {}


def _corrections(rows: Iterable[Enrolment], events: Iterable[AuditEvent]) -> Iterable[Correction]:
    by_id = {str(row.pk): row for row in rows}
    for event in events:
        if event.action == ACT:
            continue
        before, after = event.before, event.after
        yield Correction(
            by_id[event.object_id],
            event.at,
            event.actor_label,
            event.reason,
            _label(before),
            _label(after),
            Decimal(before.get("hours") or 0),
            Decimal(after.get("hours") or 0),
        )


def _label(kept: Mapping[str, Any]) -> str:
    """Return the state that the record holds; of a lecturer or member of staff with the kind of hours."""
    state, part = kept.get("state"), kept.get("participation", Participation.PARTICIPANT)
    said = str(EnrolmentState(state).label) if state in EnrolmentState.values else ""
    is_helper = part in Participation.values and part != Participation.PARTICIPANT
    return f"{said} · {Participation(part).label}" if said and is_helper else said
