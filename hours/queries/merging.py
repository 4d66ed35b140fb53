"""What two records of one person have of courses and hours, before they are merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from accounts.models import User
from accounts.queries.merging import Side, side_of
from courses.enums import TransferState
from courses.models import Enrolment, TransferRequest
from hours.models import HourCredit


@dataclass(frozen=True)
class Training:
    """The courses and hours of one record."""

    enrolments: int
    live: int
    hours: Decimal


@dataclass(frozen=True)
class Twice:
    """A course in which both records are enrolled: it counts once."""

    first: Enrolment
    second: Enrolment


@dataclass(frozen=True)
class Comparison:
    """Two records side by side; `transfers` are the pending ones from or to accounts of the second."""

    first: Side
    second: Side
    first_training: Training
    second_training: Training
    twice: Sequence[Twice]
    transfers: int

    @property
    def national_ids_differ(self) -> bool:
        """Return whether each record has a national ID, and not the same: two people, or a wrong number."""
        first, second = self.first.person.id_hash, self.second.person.id_hash
        return bool(first and second and first != second)

    @property
    def names_differ(self) -> bool:
        return self.first.person.name != self.second.person.name

    @property
    def shared_units(self) -> list[str]:
        """Return the units at which both serve: the place of the first record stays."""
        mine = {place.unit_id for place in self.first.places}
        return [place.unit.name for place in self.second.places if place.unit_id in mine]


def compare(first: User, second: User) -> Comparison:
    """Return what two records have, in a constant number of queries."""
    return Comparison(
        side_of(first),
        side_of(second),
        _training(first),
        _training(second),
        _twice(first, second),
        _transfers(second),
    )


def _training(person: User) -> Training:
    rows = Enrolment.objects.filter(user=person)
    return Training(
        rows.count(), rows.live().count(), HourCredit.objects.filter(user=person).order_by().total()
    )


def _twice(first: User, second: User) -> list[Twice]:
    rows = Enrolment.objects.filter(user=second, course__enrolments__user=first)
    found = list(rows.select_related("course").order_by("course__starts_on", "course_id"))
    own = Enrolment.objects.filter(user=first, course__in=[row.course_id for row in found])
    by_course = {row.course_id: row for row in own}
    return [Twice(by_course[row.course_id], row) for row in found]


def _transfers(second: User) -> int:
    touching = Q(from_account__user=second) | Q(to_account__user=second) | Q(requested_by=second)
    return TransferRequest.objects.filter(touching, state=TransferState.PENDING).order_by().count()
