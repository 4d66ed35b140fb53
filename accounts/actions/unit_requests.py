"""What waits at a unit when it closes: offered places and applications end with a notice, instead of waiting for nobody."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse

from accounts.acting import Actor
from accounts.actions.moot_requests import end_offer, end_request
from accounts.enums import OfferState, RequestState, Role
from accounts.models import AccountApplication, PlaceOffer, Unit, User
from audit.models import AuditEvent
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
        yield _Ended(row.user, f"place-offer:{row.pk}", end_offer(row, by=by, reason=reason))


def _settle_applications(unit: Unit, by: Actor | None, reason: str) -> Iterator[_Ended]:
    waiting = AccountApplication.objects.filter(unit=unit, state=RequestState.PENDING)
    for row in waiting.select_related("user", "proof__file").order_by("pk"):
        event = end_request(row, by=by, reason=reason)
        yield _Ended(row.user, f"application:{row.pk}", event, Role(row.role).label)
