"""Locks of the record. A chain's row is locked alone: sealing and retention take no other lock."""

from audit.models import AuditChain


def lock_chain(kind: str) -> AuditChain | None:
    """Return the row of a chain, locked until the transaction ends; None when it was removed.

    Two processes that seal or drop at once follow one another; the later one sees what the first one wrote.
    """
    return AuditChain.objects.select_for_update().filter(kind=kind).first()
