"""What waits at a unit when it closes: offered places and applications end with a notice, instead of waiting for nobody."""

from collections.abc import Iterator
from typing import NamedTuple

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
    ended = [*_settle_offers(unit, by, reason), *_settle_applications(unit, by, reason)]
    successors = [row.successor.name for row in unit.successions.select_related("successor")] if ended else []
    facts = {"unit": unit.name, "day": unit.until, "successor": "、".join(successors)}
    outbox.write(
        outbox.NewNotice(
            kind="unit_request_ended",
            to=one.person,
            about=one.about,
            event=one.event.pk,
            path=reverse("accounts:mine"),
            context={**facts, "role": one.role},
            sent_by=by.person_label if by else "",
        )
        for one in ended
    )
    return len(ended)


class _Ended(NamedTuple):
    """What has ended: an application for a `role`, or an offered place."""

    person: User
    about: str
    event: AuditEvent
    role: object = ""


def _settle_offers(unit: Unit, by: Actor | None, reason: str) -> Iterator[_Ended]:
    rows = PlaceOffer.objects.filter(unit=unit, state=OfferState.PENDING).select_related("user")
    for row in rows.order_by("pk"):
        row.state, row.answered_at = OfferState.TAKEN_BACK, clock.now()
        row.save(update_fields=["state", "answered_at"])
        who = {"unit_id": unit.pk, "subjects": [row.user_id]}
        event = log.record("place.taken_back", row, by=by, reason=reason, **who)
        yield _Ended(row.user, f"place-offer:{row.pk}", event)


def _settle_applications(unit: Unit, by: Actor | None, reason: str) -> Iterator[_Ended]:
    waiting = AccountApplication.objects.filter(unit=unit, state=RequestState.PENDING)
    for row in waiting.select_related("user", "proof").order_by("pk"):
        row.state, row.decided_at = RequestState.TAKEN_BACK, clock.now()
        row.save(update_fields=["state", "decided_at"])
        proofs.decided(row.proof, row.decided_at)
        who = {"unit_id": unit.pk, "subjects": [row.user_id]}
        event = log.record("application.taken_back", row, by=by, reason=reason, **who)
        yield _Ended(row.user, f"application:{row.pk}", event, Role(row.role).label)
