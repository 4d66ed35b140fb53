"""A unit adds people to its staff list: a known person gets an offer, an unknown one is entered and invited.

A clerk must be able to add anybody of the country by a number, so adding discloses whether a person is known. Each look-up is therefore
recorded, in the record of the person found as well, and limited to thirty a day. The name stays masked until the person accepts.
"""

import unicodedata
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from accounts import identity
from accounts.acting import Actor
from accounts.actions import identities, invited, places, unit_rules
from accounts.actions.places import PlaceFacts
from accounts.enums import OfferState
from accounts.errors import (
    AlreadyOffered,
    MailboxOfAnother,
    MayNotKeepPlaces,
    OfferAnswered,
    PersonIsClosed,
    ServesHere,
    TooManyStaffLookUps,
    UnknownNeedsFacts,
    UnreadablePerson,
)
from accounts.locks import lock_actor, lock_people, queue_person, share_unit
from accounts.models import Affiliation, PlaceOffer, Unit, User
from accounts.queries.leads import staff_deciders
from accounts.queries.persons import survivor
from accounts.rules import may_manage_roster
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.errors import Refusal
from kit.masking import mask_cell
from kit.texts import fold, is_mailbox
from notices import outbox

MOST_A_DAY = 30
LOOK_UP = "read.staff_look_up"
OFFERED = ("title", "post", "is_substitute", "is_concurrent", "since", "until")


def add(
    *, unit: Unit, who: str, facts: PlaceFacts, by: Actor, name: str = "", email: str = ""
) -> PlaceOffer | Affiliation:
    """Offer a place to the person of an account number, e-mail or national ID; enter and invite an unknown one.

    `name` and `email` are needed for an unknown person only. The look-up stays recorded and counted whatever comes of it: a refusal
    follows the transaction. Raise MayNotKeepPlaces, TooManyStaffLookUps, ServesHere, AlreadyOffered, UnknownNeedsFacts,
    UnreadablePerson, MailboxOfAnother, EnteredMeanwhile, PersonIsClosed, UnitClosed, and the refusals of `PlaceFacts`.
    """
    who = unicodedata.normalize("NFKC", who).strip()
    outcome = _add(unit, who, facts, by, name.strip(), email.strip().lower())
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


@transaction.atomic
def _add(
    unit: Unit, who: str, facts: PlaceFacts, by: Actor, name: str, email: str
) -> PlaceOffer | Affiliation | Refusal:
    # One after the other for each clerk: two requests at a time do not look up one person too many.
    queue_person(by.user.pk)
    found = person_known_as(who)
    unit = share_unit(unit)
    lock_people([found.pk] if found else [])
    by = lock_actor(by)
    if not may_manage_roster(by, unit):
        raise MayNotKeepPlaces
    unit_rules.require_open_for(unit, facts.since, facts.until)
    places.refuse_bad_days(facts)
    if used_today(by) >= MOST_A_DAY:
        return TooManyStaffLookUps(most=MOST_A_DAY)
    after = {"asked": mask_cell(who), "found": found is not None}
    log.record(LOOK_UP, unit, by=by, unit_id=unit.pk, subjects=[found.pk] if found else [], after=after)
    if found:
        found.refresh_from_db()
        return _offer(found, unit, facts, by)
    return _enter(unit, who, facts, by, name, email)


def person_known_as(who: str) -> User | None:
    """Return the one person of an account number, an e-mail, or a national ID or passport number; of a merged record its person."""
    same = Q(email__iexact=who) | Q(business_accounts__number=fold(who).upper()) | identity.fingerprints(who)
    found = User.objects.filter(same).select_related("merged_into").distinct().first() if who else None
    return survivor(found) if found else None


def used_today(by: Actor) -> int:
    """Return how many look-ups a person has made today."""
    return log.made_today(LOOK_UP, by).count()


def _offer(person: User, unit: Unit, facts: PlaceFacts, by: Actor) -> PlaceOffer | Refusal:
    if person.closed_at:
        return PersonIsClosed()
    if person.affiliations.filter(unit=unit).overlapping(facts.since, facts.until).exists():
        return ServesHere()
    try:
        with transaction.atomic():
            offer = PlaceOffer.objects.create(
                user=person,
                unit=unit,
                offered_by=by.appointment,
                offered_at=clock.now(),
                **{name: getattr(facts, name) for name in OFFERED},
            )
    except IntegrityError:
        return AlreadyOffered()
    event = log.record(
        "place.offered", offer, by=by, unit_id=unit.pk, subjects=[person.pk], after=asdict(facts)
    )
    outbox.write([_notice("place_offered", person, offer, event, by)])
    return offer


def _enter(
    unit: Unit, who: str, facts: PlaceFacts, by: Actor, name: str, email: str
) -> Affiliation | Refusal:
    number = identity.normalise(who)
    is_number = identity.is_checked(number)
    if not is_number and not is_mailbox(who):
        # A slip in a number would make a second person, without the number.
        return UnreadablePerson(shown=mask_cell(who))
    email = email or (who.lower() if is_mailbox(who) else "")
    if not name or not is_mailbox(email):
        return UnknownNeedsFacts()
    if other := User.objects.filter(email__iexact=email).first():
        log.record(LOOK_UP, unit, by=by, unit_id=unit.pk, subjects=[other.pk], after={"asked": email})
        return MailboxOfAnother()
    person = User(email=email, name=name)
    person.set_unusable_password()
    if is_number:
        person.set_national_id(number)
    identities.enter(person, by=by, unit_id=unit.pk)
    place = places.begin(person=person, unit=unit, facts=facts, by=by, announce=False)
    invited.invite([(person.pk, unit.pk)], by=by)
    return place


@transaction.atomic
def accept(*, offer: PlaceOffer, by: Actor) -> Affiliation:
    """The person takes the offered place. Raise OfferAnswered, AlreadyServes, UnitClosed."""
    unit = share_unit(offer.unit)
    offer = _lock(offer, by)
    facts = PlaceFacts(**{name: getattr(offer, name) for name in OFFERED})
    place = places.begin(person=by.user, unit=unit, facts=facts, by=by)
    _answer(offer, OfferState.ACCEPTED, by)
    return place


@transaction.atomic
def decline(*, offer: PlaceOffer, by: Actor) -> PlaceOffer:
    """The person does not take the offered place. Raise OfferAnswered."""
    offer = _lock(offer, by)
    _answer(offer, OfferState.DECLINED, by)
    return offer


@transaction.atomic
def take_back(*, offer: PlaceOffer, by: Actor) -> PlaceOffer:
    """The unit takes an offer back. Raise MayNotKeepPlaces, OfferAnswered."""
    lock_people([offer.user_id])
    by = lock_actor(by)
    offer = _pending(offer)
    if not may_manage_roster(by, offer.unit):
        raise MayNotKeepPlaces
    _save(offer, OfferState.TAKEN_BACK)
    log.record("place.taken_back", offer, by=by, unit_id=offer.unit_id, subjects=[offer.user_id])
    return offer


def _lock(offer: PlaceOffer, by: Actor) -> PlaceOffer:
    lock_people([offer.user_id])
    offer = _pending(offer)
    if offer.user_id != by.user.pk:
        raise MayNotKeepPlaces
    return offer


def _pending(offer: PlaceOffer) -> PlaceOffer:
    """Return the offer as it is under the lock of its person, which every answer takes. Raise OfferAnswered."""
    offer = PlaceOffer.objects.select_related("unit__county", "user", "offered_by__user").get(pk=offer.pk)
    if offer.state != OfferState.PENDING:
        raise OfferAnswered(state=offer.get_state_display())
    return offer


def _answer(offer: PlaceOffer, state: OfferState, by: Actor) -> None:
    _save(offer, state)
    act = {OfferState.ACCEPTED: "place.accepted", OfferState.DECLINED: "place.declined"}[state]
    event = log.record(act, offer, by=by, unit_id=offer.unit_id)
    # Who offered it may have left since.
    people = [offer.offered_by.user] if offer.offered_by.is_active() else staff_deciders(offer.unit)
    outbox.write(_notice("place_answered", person, offer, event, by) for person in people)


def _save(offer: PlaceOffer, state: OfferState) -> None:
    offer.state, offer.answered_at = state, clock.now()
    offer.save(update_fields=["state", "answered_at"])


def _notice(kind: str, person: User, offer: PlaceOffer, event: AuditEvent, by: Actor) -> outbox.NewNotice:
    to_person = kind == "place_offered"
    return outbox.NewNotice(
        kind=kind,
        to=person,
        about=f"place-offer:{offer.pk}",
        event=event.pk,
        path=reverse("accounts:mine") if to_person else reverse("accounts:staff_of", args=[offer.unit_id]),
        context={
            "unit": offer.unit.name,
            "title": offer.title,
            "name": offer.user.name if offer.state == OfferState.ACCEPTED else "",
            "accepted": offer.state == OfferState.ACCEPTED,
            "since": offer.since,
            "until": offer.until,
        },
        sent_by=by.person_label,
    )
