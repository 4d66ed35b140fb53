"""Record what became of a backup or a drill, and look up the last one."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction

from audit import log
from backup.enums import RunKind
from backup.models import Run
from kit import clock


@transaction.atomic
def record(kind: RunKind, *, began_at: datetime, error: str = "", **facts: Any) -> Run:
    """Keep a run that ended, and write it to the record. `facts` are the other columns."""
    run = Run.objects.create(
        kind=kind, began_at=began_at, ended_at=max(clock.now(), began_at), error=error[:500], **facts
    )
    after = {"file": run.name, "bytes": run.size, "error": run.error}
    log.record("backup.drilled" if kind == RunKind.DRILL else "backup.made", run, by=None, after=after)
    return run


def record_failure(kind: RunKind, *, began_at: datetime, error: str) -> None:
    """Keep a run that failed, unless the database that would keep it is away or full itself: the caller has the sentence."""
    with suppress(DatabaseError):
        record(kind, began_at=began_at, error=error)


def last(kind: RunKind) -> Run | None:
    """Return the last run of a kind that succeeded."""
    return Run.objects.successful(kind).first()
