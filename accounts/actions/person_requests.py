"""What waits for or about a person when the record is closed: it ends, and the units that wait for an answer get a notice."""

from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import proofs, proposals
from accounts.enums import OfferState, RequestState
from accounts.models import AccountApplication, IdentityChange, PlaceOffer, Unit, User
from accounts.queries.leads import staff_deciders
from audit import log
from audit.models import AuditEvent
from kit import clock
from notices import outbox


def settle(person: User, *, by: Actor, reason: str) -> None:
    """End the offered and proposed places, applications and requests of a person who is locked and has just been closed.

    The person has the notice of the closing. A notice to the unit names nobody: an offered person stays masked.
    """
    now = clock.now()
    waiting = [*proposals.settle_person(person, by=by, reason=reason), *_end_offers(person, by, reason)]
    for row in AccountApplication.objects.filter(user=person, state=RequestState.PENDING).select_related(
        "proof__file"
    ):
        _take_back(row, "application.taken_back", by, reason)
        proofs.decided(row.proof, now)
    for change in IdentityChange.objects.filter(user=person, state=RequestState.PENDING).select_related(
        "proof__file"
    ):
        _take_back(change, "identity.taken_back", by, reason)
        proofs.decided(change.proof, now)
    outbox.write(
        outbox.NewNotice(
            kind="proposal_moot",
            to=reader,
            about=f"unit:{unit.pk}",
            event=event.pk,
            path=reverse("accounts:staff_of", args=[unit.pk]),
            context={"unit": unit.name, "offered": event.action == "place.taken_back"},
            sent_by=by.person_label,
        )
        for unit, event in waiting
        for reader in staff_deciders(unit)
        if reader.pk != person.pk
    )


def _end_offers(person: User, by: Actor, reason: str) -> list[tuple[Unit, AuditEvent]]:
    ended = []
    for row in PlaceOffer.objects.filter(user=person, state=OfferState.PENDING).select_related("unit"):
        row.state, row.answered_at = OfferState.TAKEN_BACK, clock.now()
        row.save(update_fields=["state", "answered_at"])
        who = {"unit_id": row.unit_id, "subjects": [person.pk]}
        ended.append((row.unit, log.record("place.taken_back", row, by=by, reason=reason, **who)))
    return ended


def _take_back(row: AccountApplication | IdentityChange, act: str, by: Actor, reason: str) -> None:
    row.state, row.decided_at = RequestState.TAKEN_BACK, clock.now()
    row.save(update_fields=["state", "decided_at"])
    unit_id = row.unit_id if isinstance(row, AccountApplication) else None
    log.record(act, row, by=by, unit_id=unit_id, reason=reason, subjects=[row.user_id])
