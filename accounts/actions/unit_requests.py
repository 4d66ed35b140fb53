"""What waits at a unit when it closes: offered places and applications end with a notice, instead of waiting for nobody."""

from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import proofs
from accounts.enums import OfferState, RequestState, Role
from accounts.models import AccountApplication, PlaceOffer, Unit, User
from audit import log
from audit.models import AuditEvent
from kit import clock
from notices import outbox


def settle(unit: Unit, *, by: Actor | None, reason: str) -> int:
    """End the offered places and applications that wait at a unit which has closed; notify their people and return how many.

    The caller has locked the unit, which accepting, applying and approving share. `by=None` is the nightly job.
    """
    return _settle_offers(unit, by, reason) + _settle_applications(unit, by, reason)


def _settle_offers(unit: Unit, by: Actor | None, reason: str) -> int:
    rows = (
        PlaceOffer.objects.filter(unit=unit, state=OfferState.PENDING).select_related("user").order_by("pk")
    )
    for row in rows:
        row.state, row.answered_at = OfferState.TAKEN_BACK, clock.now()
        row.save(update_fields=["state", "answered_at"])
        who = {"unit_id": unit.pk, "subjects": [row.user_id]}
        event = log.record("place.taken_back", row, by=by, reason=reason, **who)
        _notify(unit, row.user, f"place-offer:{row.pk}", event, by, role="")
    return len(rows)


def _settle_applications(unit: Unit, by: Actor | None, reason: str) -> int:
    waiting = AccountApplication.objects.filter(unit=unit, state=RequestState.PENDING)
    rows = waiting.select_related("user", "proof").order_by("pk")
    for row in rows:
        row.state, row.decided_at = RequestState.TAKEN_BACK, clock.now()
        row.save(update_fields=["state", "decided_at"])
        proofs.decided(row.proof, row.decided_at)
        who = {"unit_id": unit.pk, "subjects": [row.user_id]}
        event = log.record("application.taken_back", row, by=by, reason=reason, **who)
        _notify(unit, row.user, f"application:{row.pk}", event, by, role=Role(row.role).label)
    return len(rows)


def _notify(unit: Unit, person: User, about: str, event: AuditEvent, by: Actor | None, role: object) -> None:
    successors = [row.successor.name for row in unit.successions.select_related("successor")]
    facts = {"unit": unit.name, "day": unit.until, "role": role, "successor": "、".join(successors)}
    outbox.write(
        [
            outbox.NewNotice(
                kind="unit_request_ended",
                to=person,
                about=about,
                event=event.pk,
                path=reverse("accounts:mine"),
                context=facts,
                sent_by=by.person_label if by else "",
            )
        ]
    )
