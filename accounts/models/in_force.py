"""When an appointment or a place of service is in force: the same conditions for a queryset and a loaded row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Model, Q


@dataclass(frozen=True)
class Equals:
    path: str
    value: Any

    def q(self, prefix: str) -> Q:
        return Q((prefix + self.path, self.value))

    def holds(self, row: Model) -> bool:
        return bool(_value(row, self.path) == self.value)


@dataclass(frozen=True)
class NotBefore:
    """The first day of something has come; `or_empty`: what has no first day has always been."""

    path: str
    day: date
    or_empty: bool = False

    def q(self, prefix: str) -> Q:
        begun = Q((f"{prefix}{self.path}__lte", self.day))
        return begun | Q((prefix + self.path, None)) if self.or_empty else begun

    def holds(self, row: Model) -> bool:
        first = _value(row, self.path)
        return self.or_empty if first is None else bool(first <= self.day)


@dataclass(frozen=True)
class NotAfter:
    """The last day of something, if it has one, has not passed."""

    path: str
    day: date

    def q(self, prefix: str) -> Q:
        return Q((prefix + self.path, None)) | Q((f"{prefix}{self.path}__gte", self.day))

    def holds(self, row: Model) -> bool:
        last = _value(row, self.path)
        return last is None or bool(last >= self.day)


Condition = Equals | NotBefore | NotAfter


def not_ended(day: date) -> list[Condition]:
    """An appointment that has not ended on a Taipei day: in force, suspended or not yet begun."""
    return [NotAfter("valid_until", day), Equals("ended_at", None)]


def in_force(day: date) -> list[Condition]:
    """An appointment in force on a Taipei day: begun, not ended, not suspended, the person still with us."""
    return [
        *not_ended(day),
        NotBefore("valid_from", day),
        Equals("suspended_at", None),
        Equals("user__is_active", True),
    ]


def serving(day: date) -> list[Condition]:
    """A place of service on a Taipei day: `since` is its first day (empty: always), `until` its last (empty: none is known)."""
    return [NotBefore("since", day, or_empty=True), NotAfter("until", day)]


def serving_or_to_come(day: date) -> list[Condition]:
    """A place of service that has not ended on a Taipei day."""
    return [NotAfter("until", day)]


def as_q(conditions: Iterable[Condition], prefix: str = "") -> Q:
    """Return the conditions for a queryset, for rows that are reached by `prefix`."""
    return reduce(and_, (condition.q(prefix) for condition in conditions))


def hold(conditions: Iterable[Condition], row: Model) -> bool:
    """Whether a loaded row meets all of the conditions."""
    return all(condition.holds(row) for condition in conditions)


def _value(row: Model, path: str) -> Any:
    return reduce(getattr, path.split("__"), row)
