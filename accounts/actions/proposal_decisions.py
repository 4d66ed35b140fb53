"""A unit accepts or refuses what is proposed for its staff list."""

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions.places import PlaceFacts, add_place, end_place
from accounts.enums import RequestState, UnitKind
from accounts.errors import AlreadyDecided, MayNotKeepPlaces
from accounts.locks import lock_actor, lock_operators, lock_person, lock_proposal, share_unit
from accounts.models import Affiliation, PlaceProposal
from accounts.rules import may_decide_proposal
from audit import log
from kit import clock
from notices import outbox


@transaction.atomic
def accept(*, proposal: PlaceProposal, by: Actor, confirmed: bool = False) -> PlaceProposal:
    """Let the place begin or end as proposed, and notify the person.

    Raise MayNotKeepPlaces, AlreadyDecided, and the refusals of `places.add_place` and `places.end_place`.
    """
    if proposal.unit.kind == UnitKind.OPERATOR:
        lock_operators()
    share_unit(proposal.unit)
    lock_person(proposal.person)
    # What the staff list has anticipated is settled under this lock; a page from before decides nothing.
    _refuse_decided(PlaceProposal.objects.get(pk=proposal.pk))
    if proposal.place:
        end_place(place=proposal.place, by=by, last_day=proposal.day, confirmed=confirmed)
    else:
        served = Affiliation.objects.filter(user=proposal.person).exists()
        facts = PlaceFacts(title=proposal.title, since=proposal.day if served else None)
        add_place(person=proposal.person, unit=proposal.unit, facts=facts, by=by)
    return _decide(proposal, RequestState.APPROVED, by)


@transaction.atomic
def refuse(*, proposal: PlaceProposal, by: Actor) -> PlaceProposal:
    """Leave the staff list as it is, and notify the person. Raise MayNotKeepPlaces, AlreadyDecided."""
    row = _decide(proposal, RequestState.REFUSED, by)
    event = log.record(
        "proposal.refused",
        row,
        by=by,
        unit_id=row.unit_id,
        subjects=[row.person_id],
        after={"end": row.is_end},
    )
    outbox.write(
        [
            outbox.NewNotice(
                kind="place_refused",
                to=row.person,
                about=f"proposal:{row.pk}",
                event=event.pk,
                path=reverse("accounts:mine"),
                context={"unit": row.unit.name, "ends": row.is_end},
                sent_by=by.person_label,
            )
        ]
    )
    return row


def _decide(proposal: PlaceProposal, state: RequestState, by: Actor) -> PlaceProposal:
    now = lock_actor(by)
    row = lock_proposal(proposal)
    if not may_decide_proposal(now, row):
        raise MayNotKeepPlaces
    # What is accepted has just been settled by the act itself, in this transaction.
    by_itself = state == RequestState.APPROVED and row.state == RequestState.TAKEN_BACK
    if not by_itself:
        _refuse_decided(row)
    row.state, row.decided_at, row.decided_by = state, clock.now(), by.user
    row.save(update_fields=["state", "decided_at", "decided_by"])
    return row


def _refuse_decided(row: PlaceProposal) -> None:
    if row.state != RequestState.PENDING:
        raise AlreadyDecided(state=row.get_state_display())
