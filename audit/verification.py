"""Compare the record with its seals. Every flipped byte, added, removed or backdated event and every forged seal is named."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Min, Q

from audit import witness
from audit.keyed import (
    LEAF,
    chain_proof_of,
    digest_of,
    drop_proof_of,
    is_proved,
    leaf_of,
    retention_of,
    with_people,
)
from audit.models import AuditChain, AuditEvent, AuditSeal, EventKind

BATCH = 1000
# Also what a restored backup has, which is older than the witness file.
NOT_HERE = "the witness file knows a block that is not here"


@dataclass(frozen=True)
class Breach:
    """One place where the record and its seals disagree. `block` 0: the chain as a whole."""

    chain: str
    block: int
    event: int | None
    what: str

    def __str__(self) -> str:
        place = f"{self.chain} block {self.block}" if self.block else self.chain
        return f"{place}: {self.what}" + (f" (event {self.event})" if self.event else "")


def verify() -> list[Breach]:
    """Return every disagreement, over all chains; an empty list when the record is whole.

    Reads one snapshot of a PostgreSQL database, so that sealing and retention may run meanwhile.
    """
    seen = list(
        witness.lines()
    )  # before the snapshot: a block sealed meanwhile is in the file and not in the snapshot
    with _snapshot():
        chains = {chain.kind: chain for chain in AuditChain.objects.all()}
        found = [breach for kind in EventKind for breach in _check_chain(kind, chains.get(kind))]
        return [*found, *_check_unsealed(), *_check_copies(), *_check_witness(seen)]


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _check_chain(kind: str, chain: AuditChain | None) -> Iterator[Breach]:
    if chain is None:
        yield Breach(kind, 0, None, "the row of the chain was removed")
        chain = AuditChain(kind=kind)
    elif not hmac.compare_digest(chain.proof, chain_proof_of(chain)):
        yield Breach(kind, 0, None, "the row of the chain was changed")
    previous, number, seen = "", 0, Seen()
    for seal in AuditSeal.objects.filter(chain=kind).order_by("number").iterator(chunk_size=50):
        yield from _check_seal(seal, previous, number + 1)
        previous, number = seal.digest, seal.number
        seen.add(seal)
    yield from _check_totals(chain, seen, number, previous)


@dataclass
class Seen:
    """The counts of a verification of a chain's seals."""

    blocks: int = 0
    events: int = 0
    dropped_blocks: int = 0
    dropped_events: int = 0

    def add(self, seal: AuditSeal) -> None:
        count = seal.events if seal.dropped_at else len(bytes(seal.leaves)) // LEAF
        self.blocks += 1
        self.events += count
        self.dropped_blocks += bool(seal.dropped_at)
        self.dropped_events += count if seal.dropped_at else 0


def _check_totals(chain: AuditChain, seen: Seen, number: int, digest: str) -> Iterator[Breach]:
    for what, found, due in (
        ("blocks", seen.blocks, chain.blocks),
        ("events", seen.events, chain.events),
        ("removed blocks", seen.dropped_blocks, chain.dropped_blocks),
        ("removed events", seen.dropped_events, chain.dropped_events),
    ):
        if found != due:
            yield Breach(chain.kind, 0, None, f"{found} {what} are here, {due} must be")
    if number == chain.blocks and digest != chain.last_digest:
        yield Breach(chain.kind, number, None, "the last block is not the one that was sealed last")
    strays = AuditEvent.objects.filter(kind=chain.kind).filter(Q(block__gt=number) | Q(block__lt=1))
    for pk, block in strays.values_list("pk", "block"):
        yield Breach(chain.kind, block or 0, pk, "an event names a block that does not exist")


def _check_seal(seal: AuditSeal, previous: str, number: int) -> Iterator[Breach]:
    if seal.number != number:
        yield Breach(seal.chain, number, None, "a block is missing before this one")
    if seal.previous != previous and seal.number == number:
        yield Breach(seal.chain, seal.number, None, "the seal does not continue the block before it")
    if seal.digest != digest_of(seal):
        yield Breach(seal.chain, seal.number, None, "the seal itself was changed")
    if seal.dropped_at:
        yield from _check_dropped(seal)
        return
    leaves = bytes(seal.leaves)
    if hashlib.sha256(leaves).hexdigest() != seal.leaves_digest:
        yield Breach(seal.chain, seal.number, None, "the seal's list of events was changed")
        return
    yield from _check_events(seal, leaves)


def _check_dropped(seal: AuditSeal) -> Iterator[Breach]:
    if not hmac.compare_digest(seal.drop_proof, drop_proof_of(seal)):
        yield Breach(seal.chain, seal.number, None, "the block was removed by somebody else than retention")
    elif seal.dropped_at and seal.last_at > seal.dropped_at - retention_of(seal.chain):
        yield Breach(seal.chain, seal.number, None, "the block was removed before its time")
    left = AuditEvent.objects.filter(kind=seal.chain, block=seal.number).values_list("pk", flat=True)
    for pk in left:
        yield Breach(seal.chain, seal.number, pk, "an event was added to a removed block")


def _check_events(seal: AuditSeal, leaves: bytes) -> Iterator[Breach]:
    size = LEAF
    known = {int.from_bytes(leaves[i : i + 8]): leaves[i + 8 : i + size] for i in range(0, len(leaves), size)}
    rows = list(AuditEvent.objects.filter(kind=seal.chain, block=seal.number).order_by("id"))
    for row, people in with_people(rows):
        expected = known.pop(row.pk, None)
        if expected is None:
            yield Breach(seal.chain, seal.number, row.pk, "an event was added after the sealing")
        elif not hmac.compare_digest(expected, leaf_of(row, people)):
            yield Breach(seal.chain, seal.number, row.pk, "an event was changed")
    for missing in known:
        yield Breach(seal.chain, seal.number, missing, "an event was removed")


def _check_unsealed() -> Iterator[Breach]:
    """Events that wait for their block must carry a proof: whatever their day, only the application can have written them."""
    last = 0
    while batch := list(AuditEvent.objects.filter(block=None, id__gt=last).order_by("id")[:BATCH]):
        last = batch[-1].pk
        for row, people in with_people(batch):
            if not is_proved(row, people):
                yield Breach(row.kind, 0, row.pk, "an event was added or changed before its sealing")


def _check_copies() -> Iterator[Breach]:
    """An event copied with its proof: two rows prove the same act."""
    copies = AuditEvent.objects.exclude(proof="").order_by().values("kind", "proof")
    for row in copies.annotate(rows=Count("id"), first=Min("id")).filter(rows__gt=1):
        yield Breach(row["kind"], 0, row["first"], "an event was copied")


def _check_witness(lines: list[witness.Line]) -> Iterator[Breach]:
    kept = {(chain, number): digest for chain, number, digest in _digests()}
    for line in lines:
        found = kept.get((line.chain, line.block))
        if found is None:
            yield Breach(line.chain, line.block, None, NOT_HERE)
        elif found != line.digest:
            yield Breach(line.chain, line.block, None, "the witness file knows another block of this number")


def _digests() -> Iterator[tuple[str, int, str]]:
    return AuditSeal.objects.order_by().values_list("chain", "number", "digest").iterator(chunk_size=BATCH)
