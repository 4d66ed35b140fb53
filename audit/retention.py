"""Retention: remove the events of sealed blocks that have outlived their time. The seal stays, with their number."""

import logging

from django.db import transaction
from django.db.models import QuerySet

from audit.keyed import drop_proof_of, retention_of
from audit.locks import lock_chain
from audit.models import AuditChain, AuditEvent, AuditSeal, AuditSubject, EventKind
from audit.seal import save_chain
from kit import clock
from kit.one_by_one import one_by_one

logger = logging.getLogger("audit.seal")


def apply_retention() -> int:
    """Remove the events of sealed blocks whose newest event has outlived its time; return how many events went.

    A chain that fails keeps no other from its turn; its later blocks wait. Raise an `ExceptionGroup` of all failures at the end.
    """
    gone = 0
    with one_by_one(logger, "events of a chain could not be removed") as turn:
        for kind in EventKind:
            with turn(f"chain {kind}"):
                for seal in _outlived(kind):
                    gone += _drop(seal)
    return gone


def _outlived(kind: EventKind) -> QuerySet[AuditSeal]:
    old = AuditSeal.objects.filter(chain=kind, dropped_at=None, last_at__lt=clock.now() - retention_of(kind))
    return old.order_by("number")


@transaction.atomic
def _drop(seal: AuditSeal) -> int:
    chain = lock_chain(seal.chain)
    if chain is None:
        raise AuditChain.DoesNotExist("The chain of the record was removed; nothing is dropped.")
    seal.dropped_at = clock.now()
    if not AuditSeal.objects.filter(pk=seal.pk, dropped_at=None).update(
        dropped_at=seal.dropped_at, drop_proof=drop_proof_of(seal), leaves=b""
    ):
        return 0
    chain.dropped_blocks += 1
    chain.dropped_events += seal.events
    save_chain(chain)
    rows = AuditEvent.objects.filter(kind=seal.chain, block=seal.number)
    AuditSubject.objects.filter(event__in=rows).delete()
    rows.delete()
    logger.info("retention", extra={"chain": seal.chain, "block": seal.number, "events": seal.events})
    return seal.events
