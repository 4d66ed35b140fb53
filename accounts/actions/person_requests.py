"""What waits for or about a person when the record is closed: it ends, and the units that wait for an answer get a notice."""

from django.db.models import Q
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import proposals
from accounts.actions.moot_requests import end_offer, end_request
from accounts.enums import OfferState, RequestState
from accounts.models import AccountApplication, IdentityChange, PlaceOffer, Unit, User
from accounts.queries.leads import staff_deciders
from audit.models import AuditEvent
from notices import outbox


def settle(person: User, *, by: Actor, reason: str) -> None:
    """End the offered and proposed places, applications and requests of a person who is locked and has just been closed.

    The person has the notice of the closing. A notice to the unit names nobody: an offered person stays masked.
    """
    waiting = [*proposals.settle_person(person, by=by, reason=reason), *_end_offers(person, by, reason)]
    of_person = Q(user=person, state=RequestState.PENDING)
    for rows in (AccountApplication.objects, IdentityChange.objects):
        for row in rows.filter(of_person).select_related("proof__file"):
            end_request(row, by=by, reason=reason)
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
    rows = PlaceOffer.objects.filter(user=person, state=OfferState.PENDING).select_related("unit")
    return [(row.unit, end_offer(row, by=by, reason=reason)) for row in rows]
