"""Record what became of a backup or a drill, and look up the last one."""

from datetime import datetime
from typing import Any

from django.db import transaction

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


def last(kind: RunKind) -> Run | None:
    """Return the last run of a kind that succeeded."""
    return Run.objects.successful(kind).first()
