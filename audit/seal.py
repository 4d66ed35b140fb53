"""Seal the record: each chain puts its events into numbered blocks, whose keyed digests continue one another.

An event belongs to the block whose number it carries; without a number it is not sealed yet. An event that a long transaction
commits late therefore enters a later block. The row of the chain (`AuditChain`) holds, under the key, how many blocks and events
there must be and how many were removed after their time. Each digest is also written to the log and to the witness file, which
are outside the database: a database set back to an earlier state is found by comparing.
"""

import hashlib
import logging
from datetime import datetime
from functools import partial, reduce
from operator import or_

from django.db import transaction
from django.db.models import Min, Q, Subquery

from audit import witness
from audit.keyed import LEAF, chain_proof_of, digest_of, is_proved, leaf_of, with_people
from audit.locks import lock_chain
from audit.models import AuditChain, AuditEvent, AuditSeal, EventKind
from audit.verification import Breach, verify
from kit import clock
from kit.one_by_one import one_by_one

BLOCK = 1000
logger = logging.getLogger("audit.seal")
__all__ = ["BLOCK", "LEAF", "Breach", "begin_chains", "oldest_unsealed", "save_chain", "seal_all", "verify"]


def seal_all() -> int:
    """Seal every event that has no block, in each chain; return the number of new blocks. Safe to run twice and at once.

    A chain that fails keeps no other from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    blocks = 0
    with one_by_one(logger, "chains could not be sealed") as turn:
        for kind in EventKind:
            with turn(f"chain {kind}"):
                blocks += _seal_chain(kind)
    return blocks


def _seal_chain(kind: EventKind) -> int:
    blocks = 0
    while _seal_block(kind):
        blocks += 1
    return blocks


@transaction.atomic
def _seal_block(kind: EventKind) -> bool:
    chain = lock_chain(kind)
    if chain is None:
        # Never made anew here: a record whose chain was removed must not be sealed again as if it were new.
        logger.error("chain removed", extra={"chain": str(kind)})
        return False
    found = _waiting(kind)
    if not found:
        return False
    seal = _write_seal(chain, found)
    AuditEvent.objects.filter(pk__in=[row.pk for row, _ in found]).update(block=seal.number)
    chain.blocks, chain.last_digest = seal.number, seal.digest
    chain.events += seal.events
    save_chain(chain)
    logger.info("sealed", extra={"chain": str(kind), "block": seal.number, "digest": seal.digest})
    transaction.on_commit(partial(witness.write, kind, seal.number, seal.digest))
    return True


def begin_chains() -> None:
    """Write the empty chains of an empty record: after the first migration, and after a test emptied its database."""
    if AuditEvent.objects.exists() or AuditSeal.objects.exists():
        return
    rows = [AuditChain(kind=kind) for kind in EventKind]
    for row in rows:
        row.proof = chain_proof_of(row)
    AuditChain.objects.bulk_create(rows, ignore_conflicts=True)


def oldest_unsealed() -> datetime | None:
    """Return when the oldest event that is not sealed happened: one step in the index of the unsealed for each kind, in one query."""
    unsealed = AuditEvent.objects.filter(block=None).order_by("id")
    first = [unsealed.filter(kind=kind).values("pk")[:1] for kind in EventKind]
    oldest = reduce(or_, (Q(pk=Subquery(one)) for one in first))
    at: datetime | None = AuditEvent.objects.filter(oldest).aggregate(at=Min("at"))["at"]
    return at


def _waiting(kind: EventKind) -> list[tuple[AuditEvent, list[int]]]:
    """Return the next events to seal with the people concerned. Events that the application did not write stay out; `verify` names them."""
    found: list[tuple[AuditEvent, list[int]]] = []
    last = 0
    while len(found) < BLOCK:
        batch = list(
            AuditEvent.objects.filter(kind=kind, block=None, id__gt=last).order_by("id")[: BLOCK - len(found)]
        )
        if not batch:
            break
        last = batch[-1].pk
        for row, people in with_people(batch):
            if is_proved(row, people):
                found.append((row, people))
            else:
                logger.error("unproved event", extra={"event": row.pk})
    return found


def _write_seal(chain: AuditChain, found: list[tuple[AuditEvent, list[int]]]) -> AuditSeal:
    leaves = b"".join(row.pk.to_bytes(8) + leaf_of(row, people) for row, people in found)
    seal = AuditSeal(
        chain=chain.kind,
        number=chain.blocks + 1,
        first_id=found[0][0].pk,
        last_id=found[-1][0].pk,
        last_at=max(row.at for row, _ in found),
        events=len(found),
        leaves=leaves,
        leaves_digest=hashlib.sha256(leaves).hexdigest(),
        previous=chain.last_digest,
        sealed_at=clock.now(),
    )
    seal.digest = digest_of(seal)
    seal.save()
    return seal


def save_chain(chain: AuditChain) -> None:
    chain.proof = chain_proof_of(chain)
    chain.save(update_fields=["blocks", "events", "dropped_blocks", "dropped_events", "last_digest", "proof"])
