"""Write the record. Called by actions, inside their transaction, so that action and record are saved together or not at all."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from django.db import connection, models

from audit.acts import SECURITY
from audit.keyed import proof_of
from audit.models import AuditEvent, AuditSubject, EventKind
from audit.trace import current
from kit import clock
from kit.masking import mask
from kit.plain_insert import insert


class Acting(Protocol):
    """What the record has to know of an actor."""

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
    subjects: Collection[int] = (),
) -> AuditEvent:
    """Return an unsaved event; `by=None` is the system itself (a job).

    The people it concerns, who find it under "who saw or changed my record", are the `audit_people` of the object and the `subjects`.

    The kind is security for an act registered as such (`audit.acts`), and a look at a record for an act that begins with `read.`.
    """
    trace = current.get()
    by = trace.instead or by
    row = AuditEvent(
        kind=kind_of(action),
        at=clock.now(),
        actor_id=by.person_id if by else None,
        actor_label=by.person_label if by else "system",
        hat=by.hat_label if by else "",
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=mask(str(obj))[:300],
        unit_id=unit_id,
        reason=mask(reason),
        before=_plain(before or {}),
        after=_plain(after or {}),
        request_id=trace.request_id,
        address=trace.address,
    )
    concerned = {*subjects, *people_in([obj])}
    row.people = {person for person in concerned if by is None or person != by.person_id}
    return row


def people_in(rows: Iterable[models.Model]) -> set[int]:
    """Return the numbers of the people whom these rows concern: what each model names in `audit_people`."""
    return {person for row in rows for person in getattr(row, "audit_people", ()) if person is not None}


def kind_of(action: str) -> EventKind:
    if action.startswith("read."):
        return EventKind.READ
    return EventKind.SECURITY if action in SECURITY else EventKind.ACT


def record(action: str, obj: models.Model, *, by: Acting | None, **details: Any) -> AuditEvent:
    """Write one event; the keywords are those of `event`."""
    row = event(action, obj, by=by, **details)
    row.proof = proof_of(row, _people(row))
    insert(row)
    _name_people([row])
    return row


def record_many(rows: Iterable[AuditEvent]) -> list[AuditEvent]:
    """Write many events in one statement and return them: a closing of 400 people stays a constant number of queries."""
    events = list(rows)
    for row in events:
        row.proof = proof_of(row, _people(row))
    saved = AuditEvent.objects.bulk_create(events, batch_size=500)
    _name_people(saved)
    return saved


def _people(row: AuditEvent) -> list[int]:
    return sorted(getattr(row, "people", ()))


def _name_people(rows: Collection[AuditEvent]) -> None:
    people = [AuditSubject(event=row, person_id=p) for row in rows for p in _people(row)]
    if people:
        AuditSubject.objects.bulk_create(people, batch_size=1000)


def record_look(
    action: str, obj: models.Model, *, by: Acting, rows: Iterable[models.Model], **details: Any
) -> None:
    """Record a look at rows that concern people (`audit_people`), as `record_read` does."""
    record_read(action, obj, by=by, subjects=people_in(rows), **details)


def record_read(
    action: str, obj: models.Model, *, by: Acting, subjects: Collection[int], **details: Any
) -> None:
    """Record that a person looked at others' records: once a Taipei day for the same reader, hat, page and people."""
    by = current.get().instead or by
    others = {person for person in subjects if person != by.person_id}
    if not others:
        return
    if fresh := others - seen_today(action, obj, by):
        record(action, obj, by=by, subjects=fresh, after={"people": len(fresh)}, **details)


# Nearly every page about people runs it (docs/adr/0048).
SEEN_TODAY = """
SELECT subject.person_id
FROM audit_auditevent AS event JOIN audit_auditsubject AS subject ON subject.event_id = event.id
WHERE event.action = %s AND event.actor_id = %s AND event.at >= %s AND event.hat = %s AND event.object_type = %s
    AND event.object_id = %s
"""


def seen_today(action: str, obj: models.Model, by: Acting) -> set[int]:
    """Return the people whom the same reader has looked at today under this hat on the page of an object."""
    first = connection.ops.adapt_datetimefield_value(clock.at_taipei(clock.today()))
    with connection.cursor() as cursor:
        cursor.execute(
            SEEN_TODAY, [action, by.person_id, first, by.hat_label, obj._meta.label_lower, str(obj.pk)]
        )
        return {person for (person,) in cursor.fetchall()}


def seen_today_by_queryset(action: str, obj: models.Model, by: Acting) -> set[int]:
    """The queryset that `SEEN_TODAY` mirrors; a test compares them."""
    today = made_today(action, by).filter(
        object_type=obj._meta.label_lower, object_id=str(obj.pk), hat=by.hat_label
    )
    return set(AuditSubject.objects.filter(event__in=today).values_list("person_id", flat=True))


def made_today(action: str, by: Acting) -> models.QuerySet[AuditEvent]:
    """Return the events of an action that a person caused on this Taipei day, whatever the hat: what a daily limit counts."""
    return AuditEvent.objects.filter(
        action=action, actor_id=by.person_id, at__gte=clock.at_taipei(clock.today())
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _masked(value) for key, value in values.items()}


def _masked(value: Any) -> Any:
    """The value as JSON holds it, identity numbers in its texts masked: the record is read by many and kept for years."""
    if isinstance(value, int | float | None):
        return value
    if isinstance(value, dict):
        return {key: _masked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part) for part in value]
    return mask(str(value))
