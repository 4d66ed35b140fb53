"""Time-driven notices: each kind is prepared once a day from its hour on, in batches (docs/adr/0020-time-driven-notices.md).

An app registers its kinds in `<app>/timed.py`. A batch is a function of the Taipei day and the cursor where the batch before it
ended; it takes a constant number of queries. The row of the day keeps the cursor, so that a run that is killed goes on where it was, and the
unique keys of the notices keep two runs at once from writing anything twice.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from kit import clock, request_memo
from kit.registry import Registry
from notices.enums import Timing
from notices.models import Notice, TimedRun
from notices.quiet_hours import may_leave
from notices.registry import KINDS
from notices.writer import NewNotice, write_rows

logger = logging.getLogger(__name__)
# How many days a failed run is shown to the operator.
SHOWN_DAYS = timedelta(days=7)


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


# What an app registers when it is ready: until when those of the people rest whose county does not work on a day, by primary key.
Resting = Callable[[Collection[int], date], Mapping[int, datetime]]
RESTING: list[Resting] = []
TIMED: Registry[Timed] = Registry("time-driven notice")


def prepare_due(at: datetime | None = None) -> dict[str, int]:
    """Write every time-driven notice whose hour has come; return how many of each kind were written. Safe to run twice and at once.

    A kind that fails keeps no other from being prepared; its run is marked and tried again. Raise an `ExceptionGroup` of all failures at
    the end.
    """
    moment = at or clock.now()
    day, hour = clock.day_of(moment), moment.astimezone(clock.TAIPEI).hour
    done = set(TimedRun.objects.filter(day=day).exclude(done_at=None).values_list("kind", flat=True))
    told: dict[str, int] = {}
    failed: list[Exception] = []
    for name, timed in TIMED.items():
        if name in done or not may_leave(timing_of(name), moment):
            continue
        try:
            if timed.is_due(day) and hour >= timed.hour(day):
                told[name] = _prepare(name, timed, day)
        except Exception as error:
            logger.exception("The notices of the kind %s could not be prepared", name)
            # When the database is away, this fails as well and ends the run: no kind could be prepared.
            TimedRun.objects.update_or_create(kind=name, day=day, defaults={"error": type(error).__name__})
            failed.append(error)
    if failed:
        raise ExceptionGroup("time-driven notices could not be prepared", failed)
    return told


def failed_runs(day: date) -> list[TimedRun]:
    """Return the runs of the last days that failed and were not completed later."""
    rows = TimedRun.objects.filter(day__gt=day - SHOWN_DAYS, day__lte=day, done_at=None)
    return list(rows.exclude(error=""))


def timing_of(name: str) -> Timing:
    """Return the timing of a kind of notices that is prepared by the clock."""
    return KINDS[name].timing


def was_prepared(name: str, day: date) -> bool:
    """Return whether the notices of a day were all written."""
    return TimedRun.objects.filter(kind=name, day=day).exclude(done_at=None).exists()


def _prepare(name: str, timed: Timed, day: date) -> int:
    run, told = TimedRun.objects.get_or_create(kind=name, day=day)[0], 0
    while run.done_at is None:
        with request_memo.remembering(), transaction.atomic():
            batch = timed.batch(day, run.cursor)
            rows = write_rows(batch.notices)
            if timing_of(name) == Timing.WORKDAY:
                _hold(rows, day)
            written = len(rows)
            if not _move_on(run, batch.cursor, written):
                # Another worker wrote this batch, or goes on from here.
                return told
        told += written
    return told


def _hold(rows: Sequence[Notice], day: date) -> None:
    """Let the mail of people wait whose county does not work on the day. The inbox has the notice at once."""
    readers = {row.recipient_id for row in rows if row.recipient_id}
    until: dict[int, datetime] = {}
    for resting in RESTING if readers else ():
        until |= resting(readers, day)
    by_moment: dict[datetime, list[int]] = {}
    for row in rows:
        if moment := until.get(row.recipient_id or 0):
            by_moment.setdefault(moment, []).append(row.pk)
    for moment, numbers in by_moment.items():
        Notice.objects.filter(pk__in=numbers).update(held_until=moment)


def _move_on(run: TimedRun, cursor: int | None, written: int) -> bool:
    """Keep where the next batch begins; return False when another worker has moved the row meanwhile."""
    done_at = clock.now() if cursor is None else None
    mine = TimedRun.objects.filter(pk=run.pk, cursor=run.cursor, done_at=None)
    moved = mine.update(cursor=cursor or run.cursor, told=F("told") + written, done_at=done_at, error="")
    run.cursor, run.done_at = cursor or run.cursor, done_at
    return bool(moved)
