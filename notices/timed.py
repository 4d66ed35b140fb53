"""Time-driven notices: each kind is prepared once a day from its hour on, in batches (docs/adr/0020-time-driven-notices.md).

An app registers its kinds in `<app>/timed.py`. A batch is a function of the Taipei day and the cursor where the batch before it
ended; it takes a constant number of queries. The row of the day keeps the cursor, so that a run that is killed goes on where it was, and the
unique keys of the notices keep two runs at once from writing anything twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from kit import clock
from kit.registry import Registry
from notices.enums import Timing
from notices.models import TimedRun
from notices.quiet_hours import may_leave
from notices.registry import KINDS
from notices.writer import NewNotice, write


@dataclass(frozen=True)
class Batch:
    """Some of the notices of a day. `cursor` is where the next batch begins; None: this is the last."""

    notices: Sequence[NewNotice]
    cursor: int | None = None


@dataclass(frozen=True)
class Timed:
    """`hour` is the hour of a day in Taipei from which the notices of that day are prepared; `batch` prepares some of them.

    `is_due` is whether the day has any at all (every working day, Mondays, the first of a month).
    """

    hour: Callable[[date], int]
    batch: Callable[[date, int], Batch]
    is_due: Callable[[date], bool] = lambda day: True


TIMED: Registry[Timed] = Registry("time-driven notice")


def prepare_due(at: datetime | None = None) -> dict[str, int]:
    """Write every time-driven notice whose hour has come; return how many of each kind were written. Safe to run twice and at once."""
    moment = at or clock.now()
    day, hour = clock.day_of(moment), moment.astimezone(clock.TAIPEI).hour
    done = set(TimedRun.objects.filter(day=day).exclude(done_at=None).values_list("kind", flat=True))
    told = {}
    for name, timed in TIMED.items():
        if name in done or not may_leave(timing_of(name), moment):
            continue
        if timed.is_due(day) and hour >= timed.hour(day):
            told[name] = _prepare(name, timed, day)
    return told


def timing_of(name: str) -> Timing:
    """Return the timing of a kind of notices that is prepared by the clock."""
    return KINDS[name].timing


def was_prepared(name: str, day: date) -> bool:
    """Return whether the notices of a day were all written."""
    return TimedRun.objects.filter(kind=name, day=day).exclude(done_at=None).exists()


def _prepare(name: str, timed: Timed, day: date) -> int:
    run, told = TimedRun.objects.get_or_create(kind=name, day=day)[0], 0
    while run.done_at is None:
        with transaction.atomic():
            batch = timed.batch(day, run.cursor)
            written = write(batch.notices)
            if not _move_on(run, batch.cursor, written):
                # Another worker wrote this batch, or goes on from here.
                return told
        told += written
    return told


def _move_on(run: TimedRun, cursor: int | None, written: int) -> bool:
    """Keep where the next batch begins; return False when another worker has moved the row meanwhile."""
    done_at = clock.now() if cursor is None else None
    mine = TimedRun.objects.filter(pk=run.pk, cursor=run.cursor, done_at=None)
    moved = mine.update(cursor=cursor or run.cursor, told=F("told") + written, done_at=done_at)
    run.cursor, run.done_at = cursor or run.cursor, done_at
    return bool(moved)
