"""Retention: remove the events of sealed blocks that have outlived their time. The seal stays, with their number."""

import logging

from django.db import transaction

from audit.keyed import drop_proof_of, kept_for
from audit.locks import lock_chain
from audit.models import AuditChain, AuditEvent, AuditSeal, AuditSubject, Kind
from audit.seal import save_chain
from kit import clock

logger = logging.getLogger("audit.seal")


def apply_retention() -> int:
    """Remove the events of sealed blocks whose newest event has outlived its time; return how many events went."""
    gone = 0
    for kind in Kind:
        old = AuditSeal.objects.filter(chain=kind, dropped_at=None, last_at__lt=clock.now() - kept_for(kind))
        for seal in old.order_by("number"):
            gone += _drop(seal)
    return gone


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
