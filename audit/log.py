"""Writing the record. Called by actions, inside their transaction, so that act and record stand or fall together."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.db import models

from audit.models import AuditEvent
from audit.trace import current
from inservice import clock


class Acting(Protocol):
    """What the record wants to know of an actor; `accounts.acting.Actor` is one."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def person_label(self) -> str: ...
    @property
    def hat_label(self) -> str: ...


def event(
    action: str,
    obj: models.Model,
    *,
    by: Acting | None,
    unit_id: int | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """An unsaved event; `by=None` is the system itself (a job)."""
    trace = current.get()
    return AuditEvent(
        at=clock.now(),
        actor_id=by.person_id if by else None,
        actor_label=by.person_label if by else "system",
        hat=by.hat_label if by else "",
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:300],
        unit_id=unit_id,
        reason=reason,
        before=_plain(before or {}),
        after=_plain(after or {}),
        request_id=trace.request_id,
        address=trace.address,
    )


def record(action: str, obj: models.Model, *, by: Acting | None, **details: Any) -> AuditEvent:
    """Write one event; the keywords are those of `event`."""
    row = event(action, obj, by=by, **details)
    row.save()
    return row


def record_many(rows: Iterable[AuditEvent]) -> None:
    """Write many events in one statement: a closing of 400 people stays a constant number of queries."""
    AuditEvent.objects.bulk_create(list(rows), batch_size=500)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: v if isinstance(v, int | str | bool | list | dict | None) else str(v)
        for key, v in values.items()
    }
