"""The progress of a running job, and whether it shall stop: in the cache.

An import that is all or nothing runs in one transaction, whose rows are invisible until the commit; the cache is visible at
once, on every machine. It is for display only: the row has the authoritative state. A lost cache costs one second of progress.
"""

from dataclasses import dataclass

from django.core.cache import cache

from jobs.models import Job
from kit import clock

LASTS = 3600
# Half of the time after which a job counts as silent.
LONGEST_GAP = 300


@dataclass(frozen=True)
class ProgressCounts:
    done: int
    total: int | None
    refused: int

    @property
    def percent(self) -> int | None:
        """Return whole per cent, or None while the total is unknown."""
        if not self.total:
            return None
        return min(100, self.done * 100 // self.total)

    @property
    def quarter(self) -> int:
        """Return 0, 25, 50, 75 or 100: how often a screen reader announces the progress."""
        return (self.percent or 0) // 25 * 25


def report(job_id: int, attempt: int, figures: ProgressCounts) -> None:
    said = (attempt, figures.done, figures.total, figures.refused, clock.now().timestamp())
    cache.set(f"job:{job_id}", said, LASTS)


def progress_of(job: Job) -> ProgressCounts:
    """The newest figures of a job."""
    row = ProgressCounts(job.done, job.total, job.refused)
    said = cache.get(f"job:{job.pk}") if job.is_live else None
    if said is None or said[0] != job.attempts or said[1] < job.done:
        return row
    return ProgressCounts(*said[1:4])


def last_sign(job: Job) -> float:
    """The moment (seconds) of the last sign of life."""
    said = cache.get(f"job:{job.pk}")
    row = job.heartbeat_at.timestamp() if job.heartbeat_at else 0.0
    return max(row, said[4]) if said and said[0] == job.attempts else row


def request_stop(job_id: int) -> None:
    cache.set(f"job:{job_id}:stop", 1, LASTS)


def shall_stop(job_id: int) -> bool:
    return cache.get(f"job:{job_id}:stop") is not None


def signs_were_seen() -> bool:
    """Note that the sweep looks for signs of life now. Return False when it has not looked for some minutes.

    Then the cache or the broker was away: running work could not show that it lives, and shows it within seconds from now on.
    """
    now = clock.now().timestamp()
    last = cache.get("jobs:swept")
    cache.set("jobs:swept", now, LASTS)
    return last is not None and now - last < LONGEST_GAP
