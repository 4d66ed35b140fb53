"""An offered place or a request that waits and ends without a decision, as its unit or its person is closed. The caller has locked these."""

from accounts.acting import Actor
from accounts.actions import proofs
from accounts.enums import OfferState, RequestState
from accounts.models import AccountApplication, IdentityChange, PlaceOffer
from audit import log
from audit.models import AuditEvent
from kit import clock


def end_offer(row: PlaceOffer, *, by: Actor | None, reason: str) -> AuditEvent:
    """Take back an offered place."""
    row.state, row.answered_at = OfferState.TAKEN_BACK, clock.now()
    row.save(update_fields=["state", "answered_at"])
    who = {"unit_id": row.unit_id, "subjects": [row.user_id]}
    return log.record("place.taken_back", row, by=by, reason=reason, **who)


def end_request(row: AccountApplication | IdentityChange, *, by: Actor | None, reason: str) -> AuditEvent:
    """Take back an application or a requested change of identity; its paper is kept for a limited time."""
    row.state, row.decided_at = RequestState.TAKEN_BACK, clock.now()
    row.save(update_fields=["state", "decided_at"])
    proofs.decided(row.proof, row.decided_at)
    if isinstance(row, AccountApplication):
        act, where = "application.taken_back", {"unit_id": row.unit_id}
    else:
        act, where = "identity.taken_back", {}
    return log.record(act, row, by=by, reason=reason, subjects=[row.user_id], **where)
