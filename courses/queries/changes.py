"""What changed in a course that people rely on: its sessions, compared as a set, and its other facts.

The one definition: it decides who gets a notice, its text, what the record shows and whether people were moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from courses.models import Course
from kit import clock

SESSION, MEETING_LINK = "session", "meeting_link"
# Facts that the notice shows with old and new value, in this order.
FACTS = ("mode", "hours", "hours_by", "instructors", "fee", "payer")


@dataclass(frozen=True, order=True)
class Held:
    """One session as people know it: when, and the place where it is really held."""

    starts_at: datetime
    ends_at: datetime
    place: str = ""

    def __str__(self) -> str:
        start, end = self.starts_at.astimezone(clock.TAIPEI), clock.end_word(self.ends_at)
        return f"{start:%Y-%m-%d %H:%M}–{end} {self.place}".strip()


@dataclass(frozen=True)
class Facts:
    """What a person who enrols relies on."""

    sessions: tuple[Held, ...]
    mode: str
    hours: Decimal
    hours_by: str
    fee: int
    payer: str
    instructors: tuple[str, ...]
    meeting_link: str

    @classmethod
    def of(cls, course: Course) -> "Facts":
        """The facts as they are in the database, not in a prefetched list."""
        sessions = course.sessions.order_by("starts_at", "id").values_list("starts_at", "ends_at", "place")
        return cls(
            sessions=tuple(sorted(Held(start, end, place or course.place) for start, end, place in sessions)),
            mode=course.mode,
            hours=Decimal(course.hours).normalize(),
            hours_by=course.hours_by,
            fee=course.fee,
            payer=course.payer,
            instructors=tuple(course.instructors.order_by("order", "id").values_list("name", flat=True)),
            meeting_link=course.meeting_link,
        )

    def as_record(self) -> dict[str, list[str]]:
        """Return the rows that the record shows beside the course's columns."""
        return {"sessions": [str(s) for s in self.sessions], "instructors": list(self.instructors)}


@dataclass(frozen=True)
class Change:
    """One fact, old and new. A session that was added has no old one, one that was dropped no new one.

    `what` is `session`, `meeting_link` (its values are for those who are admitted) or one of FACTS.
    """

    what: str
    old: Any
    new: Any


def changes(before: Facts, after: Facts) -> list[Change]:
    """Return every change, the sessions first."""
    found = [Change(SESSION, old, new) for old, new in _pairs(before.sessions, after.sessions)]
    for name in (*FACTS, MEETING_LINK):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.append(Change(name, old, new))
    return found


def are_moved(before: Facts, after: Facts, at: datetime) -> bool:
    """Return whether people were moved to another time or room; changes of sessions that are over do not count."""
    ahead = [held for held in (*before.sessions, *after.sessions) if held.ends_at > at]
    changed = {held for pair in _pairs(before.sessions, after.sessions) for held in pair}
    return any(held in changed for held in ahead) or (bool(ahead) and before.mode != after.mode)


def new_times(before: Facts, after: Facts) -> list[Held]:
    """Return the sessions whose day or hour is new."""
    known = {(s.starts_at, s.ends_at) for s in before.sessions}
    return [s for s in after.sessions if (s.starts_at, s.ends_at) not in known]


def _pairs(old: Sequence[Held], new: Sequence[Held]) -> list[tuple[Held | None, Held | None]]:
    """The sessions that differ, each old one beside the new one that took its place.

    Sessions that kept their time, then their day, are the same; the others follow in order.
    """
    gone, came = _without(old, new), _without(new, old)
    found: list[tuple[Held | None, Held | None]] = []
    for same in (_time, _day):
        for row in list(gone):
            twin = next((other for other in came if same(other) == same(row)), None)
            if twin:
                gone.remove(row)
                came.remove(twin)
                found.append((row, twin))
    rest = max(len(gone), len(came))
    found += [(_at(gone, i), _at(came, i)) for i in range(rest)]
    return sorted(found, key=lambda pair: [held.starts_at for held in pair if held][0])


def _without(rows: Sequence[Held], others: Sequence[Held]) -> list[Held]:
    """The rows that the others lack; of two equal rows each counts."""
    left = list(others)
    found = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            found.append(row)
    return found


def _time(row: Held) -> object:
    return (row.starts_at, row.ends_at)


def _day(row: Held) -> object:
    return clock.day_of(row.starts_at)


def _at(rows: Sequence[Held], number: int) -> Held | None:
    return rows[number] if number < len(rows) else None
