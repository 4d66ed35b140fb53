"""The sheet of a closing: the outcome of every participant. One class from the page and the API to the draft and the action.

Hours are kept as typed: the page shows them again, the draft stores them, and `hours` is the amount. Whether an amount fits the
course is a rule (`hours.actions.sheets.check_hours`).
"""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from courses.enums import EnrolmentState, Participation
from courses.models.typed import Typed

ZERO = Decimal("0")
# Limits of an amount of hours. `9e999999999` is a number, and a very long one when written out.
LARGEST, MOST_DIGITS = 100_000, 20


def plain(hours: Decimal) -> str:
    """Return an amount as a person writes it: 3, 1.5."""
    return f"{hours.normalize():f}"


@lru_cache(maxsize=512)
def read_amount(typed: str) -> Decimal | None:
    """Return the amount that was typed, also in full-width digits; None for what is no number."""
    try:
        amount = Decimal(unicodedata.normalize("NFKC", typed).strip())
    except InvalidOperation:
        return None
    if (
        not amount.is_finite()
        or amount.copy_abs() >= LARGEST
        or int(amount.as_tuple().exponent) < -MOST_DIGITS
    ):
        return None
    return amount


def other_part(part: str) -> list[str]:
    """Return the part of a lecturer or member of staff, nothing for a participant.

    Drafts, tokens and digests of earlier releases, which knew participants only, stay the same.
    """
    return [] if part == Participation.PARTICIPANT else [str(part)]


class Mark(NamedTuple):
    """The outcome of one enrolled person, and the hours as typed, which count when attended."""

    state: str
    typed: str = ""

    @classmethod
    def of(cls, state: str, hours: Decimal) -> "Mark":
        return cls(state, plain(hours))

    @property
    def hours(self) -> Decimal | None:
        return read_amount(self.typed)

    @property
    def meaning(self) -> tuple[str, str]:
        """The mark without hours that do not count."""
        return (self.state, self.typed.strip() if self.state == EnrolmentState.ATTENDED else "")


class WalkIn(NamedTuple):
    """A person without enrolment, with the hours as typed: the id of a person, or a typed identity. `part`: as what they took part.

    `close_course` looks the typed identity up.
    """

    who: int | Typed
    typed: str
    part: str = Participation.PARTICIPANT

    @classmethod
    def of(cls, who: int | Typed, hours: Decimal, part: str = Participation.PARTICIPANT) -> "WalkIn":
        return cls(who, plain(hours), part)

    @property
    def stored(self) -> str | list[str]:
        """What a draft keeps: the hours, with the part if it is another one than a participant's."""
        part = other_part(self.part)
        return [self.typed, *part] if part else self.typed

    @classmethod
    def from_stored(cls, person: int, stored: str | list[str]) -> "WalkIn":
        return cls(person, stored) if isinstance(stored, str) else cls(person, *stored)

    @property
    def hours(self) -> Decimal | None:
        return read_amount(self.typed)


@dataclass(frozen=True)
class Sheet:
    """Marks by enrolment, walk-ins, and the key of the request. A draft has no key: the page that continues it has its own."""

    request_key: str = ""
    marks: Mapping[int, Mark] = field(default_factory=dict)
    walk_ins: Sequence[WalkIn] = ()

    @property
    def is_empty(self) -> bool:
        return not self.marks and not self.walk_ins

    @property
    def typed_people(self) -> list[Typed]:
        """Return the walk-ins that must be looked up."""
        return [walk_in.who for walk_in in self.walk_ins if isinstance(walk_in.who, Typed)]

    @property
    def by_person(self) -> dict[int, WalkIn]:
        """Return the walk-ins whose person is known, by person."""
        return {walk_in.who: walk_in for walk_in in self.walk_ins if isinstance(walk_in.who, int)}

    def with_people(self, found: Iterable[int]) -> "Sheet":
        """Return the sheet with the typed identities replaced by the people found, in the order of `asked`."""
        rest = iter(found)
        walked = [w._replace(who=next(rest)) if isinstance(w.who, Typed) else w for w in self.walk_ins]
        return replace(self, walk_ins=walked)

    @property
    def digest(self) -> str:
        """The content as a keyed hash: a repeated request is known by it, and no national ID can be read from it."""
        attended = EnrolmentState.ATTENDED
        marks = sorted(
            (pk, m.state, _amount(m) if m.state == attended else "") for pk, m in self.marks.items()
        )
        walked = sorted((_key(w.who), _amount(w), *other_part(w.part)) for w in self.walk_ins)
        said = json.dumps([marks, walked]).encode()
        return hmac.new(settings.ID_PEPPER.encode(), said, hashlib.sha256).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return what a draft stores: ids, outcomes and hours, nothing else about people."""
        return {
            "marks": {str(pk): [str(mark.state), mark.typed] for pk, mark in self.marks.items()},
            "walk_ins": {str(pk): walk_in.stored for pk, walk_in in self.by_person.items()},
        }

    @classmethod
    def from_json(
        cls, marks: Mapping[str, Sequence[str]], walk_ins: Mapping[str, str | list[str]]
    ) -> "Sheet":
        """Return the sheet of a stored draft."""
        return cls(
            marks={int(pk): Mark(state, typed) for pk, (state, typed) in marks.items()},
            walk_ins=tuple(WalkIn.from_stored(int(pk), kept) for pk, kept in walk_ins.items()),
        )


def _amount(row: Mark | WalkIn) -> str:
    return plain(row.hours or ZERO)


def _key(who: int | Typed) -> str:
    return f"person:{who}" if isinstance(who, int) else f"typed:{who.text.strip()}:{who.name}"
