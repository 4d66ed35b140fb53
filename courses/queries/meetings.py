"""When a course meets next: the one definition for pages, notices and the API. `starts_on` and `ends_on` serve lists and filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from courses.models import Course, Session
from kit import clock


@dataclass(frozen=True)
class Meeting:
    """One session of a course, with the place where it is held. `number` counts from 1 to `total`."""

    starts_at: datetime
    ends_at: datetime
    place: str
    number: int
    total: int
    is_running: bool = False

    @property
    def days_to(self) -> int:
        """Taipei days from today to the session; 0 today, negative when it began on an earlier day."""
        return (clock.day_of(self.starts_at) - clock.today()).days

    @property
    def is_one_of_many(self) -> bool:
        return self.total > 1


def next_meeting(course: Course, at: datetime | None = None) -> Meeting | None:
    """Return the first session that is not over at a moment, running or ahead; None when all are over.

    Reads `course.sessions.all()`: prefetch it for lists.
    """
    return next(iter(meetings_ahead(course, at or clock.now())), None)


def meetings_ahead(course: Course, at: datetime) -> list[Meeting]:
    """Return the sessions that are not over at a moment and not postponed. Reads `course.sessions.all()`: prefetch it for lists."""
    rows = sorted(course.sessions.all(), key=lambda s: (s.starts_at, s.ends_at))
    return [
        Meeting(row.starts_at, row.ends_at, row.place or course.place, number, len(rows), row.starts_at <= at)
        for number, row in enumerate(rows, start=1)
        if row.ends_at > at and row.suspension_id is None
    ]


def first_start(sessions: Iterable[Session], after: datetime | None = None) -> datetime | None:
    """Return the start of the first session that is held, or of the first that begins later than `after`; None without one."""
    held = (s.starts_at for s in sessions if s.suspension_id is None)
    return min((start for start in held if after is None or start > after), default=None)
