"""What the attendance of a course is worth in hours: one pure function, for the closing sheet, its checks and the statistics.

The hours of a course are shared out among its parts, which are its sessions or, by half day, the mornings and afternoons. A part
counts for who came and left within the tolerance. Of a part in which nobody signed nothing is known: it counts for everybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from courses.enums import EnrolmentState, HoursBy
from hours.enums import PresenceQuestion
from kit import clock

Q = PresenceQuestion
ZERO = Decimal("0")
# A session across the whole lunch break is a morning and an afternoon (guess).
NOON, AFTERNOON = time(12), time(13)


class Held(NamedTuple):
    """A session."""

    pk: int
    starts_at: datetime
    ends_at: datetime


class Signed(NamedTuple):
    """When a person signed in to and out of a session."""

    signed_in: datetime | None = None
    signed_out: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """How hours follow: the course's hours, the smallest step of hours, the way (`HoursBy`), and the policy."""

    hours: Decimal
    step: Decimal
    by: str
    tolerance: timedelta
    half_signed_counts: bool


@dataclass(frozen=True)
class Part:
    """A session, or a half day with its sessions. `needs_in`, `needs_out`: a person signed in, or out, in it."""

    starts_at: datetime
    ends_at: datetime
    sessions: frozenset[int]
    weight: Fraction = Fraction(1)
    needs_in: bool = False
    needs_out: bool = False

    @property
    def is_recorded(self) -> bool:
        return self.needs_in or self.needs_out


class Finding(NamedTuple):
    """A question about a person in one part; `at` is the moment that raises it."""

    question: Q
    part: Part
    at: datetime | None = None


@dataclass(frozen=True)
class Presence:
    """The outcome that the attendance suggests, its hours, and the questions that are left to the clerk."""

    state: str
    hours: Decimal
    findings: tuple[Finding, ...] = ()


def parts_of(
    sessions: Iterable[Held], by: str, signs: Iterable[Mapping[int, Signed]] = ()
) -> tuple[Part, ...]:
    """Return the parts of a course in the order of time; `signs` are those of everybody, by session."""
    ins, outs = set(), set()
    for mine in signs:
        ins |= {pk for pk, signed in mine.items() if signed.signed_in}
        outs |= {pk for pk, signed in mine.items() if signed.signed_out}
    parts: dict[object, Part] = {}
    for key, part in _pieces(sorted(sessions, key=lambda held: held.starts_at), by):
        pks = part.sessions | (parts[key].sessions if key in parts else frozenset())
        parts[key] = Part(
            parts[key].starts_at if key in parts else part.starts_at,
            max(part.ends_at, parts[key].ends_at) if key in parts else part.ends_at,
            pks,
            part.weight,
            bool(pks & ins),
            bool(pks & outs),
        )
    return tuple(parts.values())


def _pieces(sessions: Iterable[Held], by: str) -> Iterable[tuple[object, Part]]:
    for held in sessions:
        only = frozenset({held.pk})
        if by != HoursBy.HALF_DAY:
            length = Fraction((held.ends_at - held.starts_at) / timedelta(seconds=1))
            yield held.pk, Part(held.starts_at, held.ends_at, only, length)
            continue
        day = clock.day_of(held.starts_at)
        noon, afternoon = clock.at_taipei(day, NOON), clock.at_taipei(day, AFTERNOON)
        if held.starts_at < noon and held.ends_at > afternoon:
            yield (day, 0), Part(held.starts_at, noon, only)
            yield (day, 1), Part(afternoon, held.ends_at, only)
        else:
            yield (day, held.starts_at >= noon), Part(held.starts_at, held.ends_at, only)


def presence(parts: Sequence[Part], mine: Mapping[int, Signed], terms: Terms) -> Presence:
    """Return what a person's signs are worth.

    Nothing signed and nothing unrecorded: absent. Signed, but too little for any hours: excused, which is no absence, with the
    question. Hours are rounded down to whole steps.
    """
    findings: list[Finding] = []
    counted = []
    for part in parts:
        raised, counts = _of_part(part, mine, terms)
        findings += raised
        counted += [part] if counts else []
    if len(counted) == len(parts):
        return Presence(EnrolmentState.ATTENDED, terms.hours, tuple(findings))
    hours = _hours(parts, counted, terms)
    if hours:
        return Presence(EnrolmentState.ATTENDED, hours, tuple(findings))
    if not any(mine.values()):
        return Presence(EnrolmentState.ABSENT, ZERO)
    return Presence(EnrolmentState.EXCUSED, ZERO, tuple(findings))


def _of_part(part: Part, mine: Mapping[int, Signed], terms: Terms) -> tuple[list[Finding], bool]:
    """Return the questions about a person in a part, and whether it counts."""
    came, left = came_and_left(part, mine)
    if not came and not left:
        return ([Finding(Q.MISSED, part)], False) if part.is_recorded else ([], True)
    short = []
    if came and came > part.starts_at + terms.tolerance:
        short.append(Finding(Q.LATE, part, came))
    if left and left < part.ends_at - terms.tolerance:
        short.append(Finding(Q.EARLY, part, left))
    half = []
    if not came and part.needs_in:
        half.append(Finding(Q.NO_SIGN_IN, part))
    if not left and part.needs_out:
        half.append(Finding(Q.NO_SIGN_OUT, part))
    return [*half, *short], not short and (terms.half_signed_counts or not half)


def came_and_left(part: Part, mine: Mapping[int, Signed]) -> Signed:
    """Return the first sign-in and the last sign-out of a person in a part."""
    signs = [mine[pk] for pk in part.sessions if pk in mine]
    came = min((s.signed_in for s in signs if s.signed_in), default=None)
    return Signed(came, max((s.signed_out for s in signs if s.signed_out), default=None))


def _hours(parts: Sequence[Part], counted: Sequence[Part], terms: Terms) -> Decimal:
    if terms.by == HoursBy.WHOLE or not counted:
        return ZERO
    share = sum(part.weight for part in counted) / sum(part.weight for part in parts)
    return Decimal(int(Fraction(terms.hours) * share / Fraction(terms.step))) * terms.step
