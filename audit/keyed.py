"""Keyed hashes of the record. The key (`AUDIT_KEY`) is never in the database, so database rights alone cannot make one."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta

from django.conf import settings

from audit.models import AuditChain, AuditEvent, AuditSeal, AuditSubject, EventKind
from kit import clock

# The columns the proof of an event covers: it is written before the database gives the event its number.
# A column added later must not be added here: the hashes of the past would no longer fit.
PROVED = (
    "kind",
    "at",
    "actor_id",
    "actor_label",
    "hat",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "unit_id",
    "reason",
    "before",
    "after",
    "request_id",
    "address",
)
# The columns a leaf of a block covers. `block` and `proof` are written about the event, not part of it.
SEALED = ("id", *PROVED)
# Bytes of a leaf in `AuditSeal.leaves`: the event's number (8) and its keyed hash (32).
LEAF = 40


def keyed(text: str) -> bytes:
    """Return the HMAC-SHA256 (32 bytes) of a text under `AUDIT_KEY`."""
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).digest()


def keyed_facts(*facts: object) -> str:
    """Return the keyed hash (64 hexadecimal digits) of a sequence of facts."""
    return keyed("|".join(str(plain(fact)) for fact in facts)).hex()


def proof_of(event: AuditEvent, people: Iterable[int]) -> str:
    """Return the proof that the application wrote this event: a keyed hash of its columns and the people concerned."""
    return keyed("proof" + _facts(event, PROVED, people)).hex()


def leaf_of(event: AuditEvent, people: Iterable[int]) -> bytes:
    """Return the leaf (32 bytes) of an event in the list of its block."""
    return keyed(_facts(event, SEALED, people))


def people_of(events: Collection[AuditEvent]) -> Mapping[int, list[int]]:
    """Return the people concerned by saved events: event number → person numbers in ascending order."""
    found: dict[int, list[int]] = {}
    rows = AuditSubject.objects.filter(event__in=events).order_by("person_id")
    for event_id, person in rows.values_list("event_id", "person_id"):
        found.setdefault(event_id, []).append(person)
    return found


def with_people(events: Collection[AuditEvent]) -> Iterator[tuple[AuditEvent, list[int]]]:
    """Pair each saved event with the people it concerns; one query."""
    people = people_of(events)
    for event in events:
        yield event, people.get(event.pk, [])


def is_proved(event: AuditEvent, people: Iterable[int]) -> bool:
    """Whether the proof of an event fits its columns."""
    return bool(event.proof) and hmac.compare_digest(event.proof, proof_of(event, people))


def digest_of(seal: AuditSeal) -> str:
    """Return the keyed digest of a block; it covers the list of its events and the digest of the block before it."""
    return keyed_facts(
        seal.chain,
        seal.number,
        seal.first_id,
        seal.last_id,
        seal.last_at,
        seal.leaves_digest,
        seal.previous,
    )


def drop_proof_of(seal: AuditSeal) -> str:
    """Return the proof that retention removed the events of this block, how many and when."""
    return keyed_facts("dropped", seal.digest, seal.events, seal.dropped_at)


def chain_proof_of(chain: AuditChain) -> str:
    """Return the proof of a chain's row: what must be there, and what was removed after its time."""
    return keyed_facts(
        "chain",
        chain.kind,
        chain.blocks,
        chain.events,
        chain.dropped_blocks,
        chain.dropped_events,
        chain.last_digest,
    )


def plain(value: object) -> object:
    return value.astimezone(clock.TAIPEI).isoformat() if hasattr(value, "astimezone") else value


def _facts(event: AuditEvent, names: Iterable[str], people: Iterable[int]) -> str:
    facts = {name: plain(getattr(event, name)) for name in names} | {"people": sorted(people)}
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def retention_of(chain: str) -> timedelta:
    """Return how long events of a kind are kept: security `RETAIN_SECURITY_DAYS`, acts and reads `RETAIN_AUDIT_DAYS`."""
    days = settings.RETAIN_SECURITY_DAYS if chain == EventKind.SECURITY else settings.RETAIN_AUDIT_DAYS
    return timedelta(days=days)
