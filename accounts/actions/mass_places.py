"""Places of service of many people at once, with their record: what an import adds and what it calls differently."""

from collections.abc import Collection, Sequence

from accounts.acting import Actor
from accounts.models import Affiliation
from audit import log
from audit.models import AuditEvent


def add(rows: Sequence[Affiliation], *, new_people: Collection[int], by: Actor | None) -> list[AuditEvent]:
    """Save new places of service; return their events. The event of each of `new_people`, who came with them, names the unit."""
    Affiliation.objects.bulk_create(rows, batch_size=1000)
    return log.record_many(
        log.event(
            "affiliation.added",
            row,
            by=by,
            unit_id=row.unit_id,
            subjects=[row.user_id],
            after={"title": row.title},
        )
        for row in rows
        if row.user_id not in new_people
    )


def retitle(rows: Sequence[tuple[Affiliation, str]], *, by: Actor | None) -> None:
    """Save other titles of places of service. Each comes with its title so far; another rank alone is not recorded."""
    Affiliation.objects.bulk_update([row for row, _former in rows], ["title", "rank"], batch_size=200)
    log.record_many(
        log.event(
            "affiliation.changed",
            row,
            by=by,
            unit_id=row.unit_id,
            subjects=[row.user_id],
            before={"title": former},
            after={"title": row.title},
        )
        for row, former in rows
        if row.title != former
    )
