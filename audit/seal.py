"""Sealing the record in blocks by a chain of keyed hashes, and verifying it: one flipped byte is found and named.

The key (`AUDIT_KEY`) stands outside the database. Each sealed digest is also written to the log, which leaves the machine: whoever
cuts off the newest blocks together with their seals is found by comparing the last digest with the log.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from django.conf import settings
from django.db import transaction

from audit.models import AuditEvent, AuditSeal, AuditSubject, Kind
from inservice import clock

# Events younger than this wait: a transaction that is still open may hold a smaller number.
GRACE = timedelta(minutes=10)
BLOCK = 1000
LEAF = 40
FIELDS = [field.attname for field in AuditEvent._meta.concrete_fields]
logger = logging.getLogger("audit.seal")


def seal_all() -> int:
    """Seal what has settled, block by block, in each chain; answers the number of blocks. Safe to run twice and at once."""
    return sum(_seal_chain(kind) for kind in Kind)


def _seal_chain(kind: Kind) -> int:
    blocks = 0
    while _seal_block(kind):
        blocks += 1
    return blocks


@transaction.atomic
def _seal_block(kind: Kind) -> bool:
    # The last seal's row is the lock; the unique number decides between two that start the chain.
    last = AuditSeal.objects.select_for_update().filter(chain=kind).order_by("-number").first()
    waiting = AuditEvent.objects.filter(kind=kind, id__gt=last.last_id if last else 0).order_by("id")[:BLOCK]
    # In the order of numbers, up to the first that has not settled: none is passed over.
    settled = clock.now() - GRACE
    rows = list(takewhile(lambda row: row.at < settled, waiting))
    if not rows:
        return False
    leaves = b"".join(row.pk.to_bytes(8) + leaf for row, leaf in _leaves(rows))
    seal = AuditSeal(
        chain=kind,
        number=last.number + 1 if last else 1,
        first_id=rows[0].pk,
        last_id=rows[-1].pk,
        last_at=max(row.at for row in rows),
        leaves=leaves,
        leaves_digest=hashlib.sha256(leaves).hexdigest(),
        previous=last.digest if last else "",
        sealed_at=clock.now(),
    )
    seal.digest = _digest(seal)
    seal.save()
    logger.info("sealed", extra={"chain": str(kind), "block": seal.number, "digest": seal.digest})
    return True


def _leaves(rows: list[AuditEvent]) -> Iterator[tuple[AuditEvent, bytes]]:
    people: dict[int, list[int]] = {}
    for event_id, person in (
        AuditSubject.objects.filter(event__in=rows).order_by("person_id").values_list("event_id", "person_id")
    ):
        people.setdefault(event_id, []).append(person)
    for row in rows:
        facts = {name: _text(getattr(row, name)) for name in FIELDS} | {"people": people.get(row.pk, [])}
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        yield row, _keyed(text)


def _text(value: object) -> object:
    return value.astimezone(clock.TAIPEI).isoformat() if hasattr(value, "astimezone") else value


def _keyed(text: str) -> bytes:
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).digest()


def _digest(seal: AuditSeal) -> str:
    facts = [
        seal.chain,
        seal.number,
        seal.first_id,
        seal.last_id,
        _text(seal.last_at),
        seal.leaves_digest,
        seal.previous,
    ]
    return _keyed("|".join(map(str, facts))).hex()


@dataclass(frozen=True)
class Breach:
    """One place where record and seal disagree."""

    chain: str
    block: int
    event: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.chain} block {self.block}: {self.what}" + (
            f" (event {self.event})" if self.event else ""
        )


def verify() -> Iterator[Breach]:
    """Every disagreement between events and seals, over all chains; nothing when the record is whole."""
    for kind in Kind:
        previous, number = "", 0
        for seal in AuditSeal.objects.filter(chain=kind).order_by("number").iterator(chunk_size=50):
            number += 1
            yield from _check_seal(seal, previous, number)
            previous, number = seal.digest, seal.number


def _check_seal(seal: AuditSeal, previous: str, number: int) -> Iterator[Breach]:
    if seal.number != number:
        yield Breach(seal.chain, number, None, "a block is missing before this one")
    if seal.previous != previous and seal.number == number:
        yield Breach(seal.chain, seal.number, None, "the seal does not continue the block before it")
    if seal.digest != _digest(seal):
        yield Breach(seal.chain, seal.number, None, "the seal itself was changed")
    if seal.dropped_at:
        if seal.last_at > seal.dropped_at - retention_of(seal.chain):
            yield Breach(seal.chain, seal.number, None, "the block was removed before its time")
        return
    leaves = bytes(seal.leaves)
    if hashlib.sha256(leaves).hexdigest() != seal.leaves_digest:
        yield Breach(seal.chain, seal.number, None, "the seal's list of events was changed")
        return
    yield from _check_events(seal, leaves)


def _check_events(seal: AuditSeal, leaves: bytes) -> Iterator[Breach]:
    known = {int.from_bytes(leaves[i : i + 8]): leaves[i + 8 : i + LEAF] for i in range(0, len(leaves), LEAF)}
    rows = list(
        AuditEvent.objects.filter(kind=seal.chain, id__range=(seal.first_id, seal.last_id)).order_by("id")
    )
    for row, leaf in _leaves(rows):
        expected = known.pop(row.pk, None)
        if expected is None:
            yield Breach(seal.chain, seal.number, row.pk, "an event was added after the sealing")
        elif not hmac.compare_digest(expected, leaf):
            yield Breach(seal.chain, seal.number, row.pk, "an event was changed")
    for missing in known:
        yield Breach(seal.chain, seal.number, missing, "an event was removed")


def retention_of(chain: str) -> timedelta:
    """How long events of a kind are kept: security `RETAIN_SECURITY_DAYS`, acts and reads `RETAIN_AUDIT_DAYS`."""
    days = settings.RETAIN_SECURITY_DAYS if chain == Kind.SECURITY else settings.RETAIN_AUDIT_DAYS
    return timedelta(days=days)


def apply_retention() -> int:
    """Remove the events of sealed blocks whose newest event has outlived its time; answers how many events went."""
    gone = 0
    for kind in Kind:
        old = AuditSeal.objects.filter(
            chain=kind, dropped_at=None, last_at__lt=clock.now() - retention_of(kind)
        )
        for seal in old.order_by("number"):
            gone += _drop(seal)
    return gone


@transaction.atomic
def _drop(seal: AuditSeal) -> int:
    if not AuditSeal.objects.filter(pk=seal.pk, dropped_at=None).update(dropped_at=clock.now(), leaves=b""):
        return 0
    rows = AuditEvent.objects.filter(kind=seal.chain, id__range=(seal.first_id, seal.last_id))
    AuditSubject.objects.filter(event__in=rows).delete()
    count = rows._raw_delete(rows.db)  # type: ignore[attr-defined]
    logger.info("retention", extra={"chain": seal.chain, "block": seal.number, "events": count})
    return int(count)
