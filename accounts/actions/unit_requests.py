"""What waits at a unit when it closes: offered places and applications end with a notice, instead of waiting for nobody."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import NamedTuple

from django.urls import reverse

from accounts.acting import Actor
from accounts.actions.moot_requests import end_offer, end_request
from accounts.enums import OfferState, RequestState, Role
from accounts.models import AccountApplication, PlaceOffer, Unit, User
from accounts.queries.leads import staff_deciders
from audit.models import AuditEvent
from notices import outbox


@dataclass
class Settled:
    """How many matters of a closed unit have ended, by what they were."""

    offers: int = 0
    applications: int = 0
    proposals: int = 0
    joins: int = 0

    @property
    def total(self) -> int:
        return self.offers + self.applications + self.proposals + self.joins


def settle(unit: Unit, *, by: Actor | None, reason: str) -> Settled:
    """End the offered places and applications that wait at a unit which has closed; notify their people and return how many.

    The caller has locked the unit, which accepting, applying and approving share. `by=None` is the nightly job.
    """
    offers = list(_settle_offers(unit, by, reason))
    applications = list(_settle_applications(unit, by, reason))
    ended = [*offers, *applications]
    facts = _facts(unit) if ended else {}
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
    return Settled(len(offers), len(applications))


def notify_keepers(unit: Unit, settled: Settled, *, by: Actor | None) -> None:
    """Notify those who keep the staff list of a closed unit of what has ended undecided, if anything has.

    They had been requested to decide. The notice names nobody; it leads to the own accounts, as those of a unit that is merged end.
    """
    if not settled.total:
        return
    facts = _facts(unit) | asdict(settled)
    outbox.write(
        outbox.NewNotice(
            kind="unit_matters_ended",
            to=keeper,
            about=f"unit:{unit.pk}",
            event=f"closed:{unit.until}",
            path=reverse("accounts:mine"),
            context=facts,
            sent_by=by.person_label if by else "",
        )
        for keeper in staff_deciders(unit)
        if by is None or keeper.pk != by.user.pk
    )


def _facts(unit: Unit) -> dict[str, object]:
    successors = [row.successor.name for row in unit.successions.select_related("successor")]
    return {"unit": unit.name, "day": unit.until, "successor": successors}


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
