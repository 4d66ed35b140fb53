"""Being entered at a unit: a visitor who is in no register requests it, those who keep the unit's staff list decide.

The request is stored without any look at the register, so that neither what the visitor reads nor how long it takes depends on whether
the person is known. The look follows with the decision, by people who may see the staff of the unit.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from accounts import identity
from accounts.acting import Actor
from accounts.actions import identities, mass_places, places, unit_rules
from accounts.enums import RequestState
from accounts.errors import AlreadyDecided, PersonIsClosed, ReasonNeeded, UnitClosed
from accounts.locks import lock_actor, lock_join_request, lock_people, share_unit
from accounts.models import Affiliation, JoinRequest, Unit, User
from accounts.queries.leads import staff_deciders
from accounts.queries.persons import survivor
from accounts.queries.titles import title_order
from accounts.rules import may_manage_roster
from accounts.unit_pages import unit_page
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.errors import Refusal
from kit.sentence_parts import day_words
from kit.texts import squeezed
from kit.typed_texts import require_no_number, require_reason
from notices import outbox
from signin.actions import invitations, throttles
from signin.errors import MailboxTaken, MayNotEnter, OtherName, TooManyRequests

# A school's network has one address for all; nobody fills in the form for so many colleagues in an hour.
FROM_ONE_ADDRESS = 60
FORGOTTEN_AFTER = timedelta(days=60)


def apply(
    *, unit: Unit, name: str, email: str, number: str, title: str, reason: str, language: str, address: str
) -> None:
    """Keep a request, once for each unit and number while it waits. Raise TooManyRequests, BadNationalId, UnitClosed."""
    unit_rules.require_open(unit)
    require_no_number(reason, field="reason")
    number = identity.parse(number)
    limit = throttles.shared_limit("join", address, most=FROM_ONE_ADDRESS)
    throttles.claim([limit], TooManyRequests)
    with transaction.atomic():
        sealed, digest = identity.seal(number)
        JoinRequest.objects.bulk_create(
            [
                JoinRequest(
                    unit=unit,
                    name=name,
                    email=email.lower(),
                    title=title,
                    reason=reason,
                    language=language,
                    id_sealed=sealed,
                    id_hash=digest,
                    requested_at=clock.now(),
                )
            ],
            ignore_conflicts=True,
        )
        _notify(unit)


def _notify(unit: Unit) -> None:
    """Notify those who decide, at most once a day for each unit however many requests there are."""
    outbox.write(
        outbox.NewNotice(
            kind="join_requested",
            to=person,
            about=f"unit:{unit.pk}",
            day=clock.today(),
            path=unit_page("signin:join_requests", unit.pk),
            context={"unit": unit.name},
        )
        for person in staff_deciders(unit)
    )


def approve(*, request: JoinRequest, by: Actor) -> User:
    """Enter the person at the unit and invite them; return the person, who was known before or is new.

    A known person is recognised by the number, needs the same name, and gets all mail at the mailbox known before. That a number or
    mailbox is known stays recorded: the refusal follows the transaction. Raise MayNotEnter, RequestForgotten, AlreadyDecided, OtherName,
    MailboxTaken, EnteredMeanwhile, PersonIsClosed, UnitClosed.
    """
    outcome = _approve(request, by)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


@transaction.atomic
def _approve(request: JoinRequest, by: Actor) -> User | Refusal:
    unit = share_unit(request.unit)
    found = User.objects.filter(id_hash=request.id_hash).select_related("merged_into").first()
    # The number may stand in a record that was merged: then the person is known by the other one.
    known = survivor(found) if found else None
    lock_people([known.pk] if known else [])
    if known:
        # Closed, merged or renamed before the lock was free.
        known.refresh_from_db()
    row, by = _lock_pending(request, by)
    if known and known.closed_at:
        return _refuse_known(known, row, by, PersonIsClosed())
    if known and squeezed(known.name) != squeezed(row.name):
        return _refuse_known(known, row, by, OtherName())
    if known is None and (other := User.objects.filter(email__iexact=row.email).first()):
        return _refuse_known(other, row, by, MailboxTaken())
    person = known or _new_person(row, by)
    row.unit = unit
    _serve(person, row, by, is_new=known is None)
    row.person = person
    _decide(row, RequestState.APPROVED, by)
    log.record("join.approved", row, by=by, unit_id=row.unit_id, subjects=[person.pk])
    invitations.invite(people=[person], unit_of={person.pk: row.unit}, by=by)
    return person


def _refuse_known(person: User, row: JoinRequest, by: Actor, refusal: Refusal) -> Refusal:
    log.record("read.id_lookup", person, by=by, unit_id=row.unit_id, subjects=[person.pk])
    return refusal


def _new_person(row: JoinRequest, by: Actor) -> User:
    person = User(email=row.email, name=row.name, language=row.language)
    person.set_unusable_password()
    person.set_national_id(row.national_id)
    identities.enter(person, by=by, unit_id=row.unit_id)
    return person


def _serve(person: User, row: JoinRequest, by: Actor, *, is_new: bool) -> None:
    if person.affiliations.serving_or_to_come().filter(unit=row.unit).exists():
        return
    unit_rules.require_open_for(row.unit, clock.today(), None)
    rank = title_order().rank_of(row.title)
    place = Affiliation(user=person, unit=row.unit, title=row.title, rank=rank, since=clock.today())
    mass_places.add([place], new_people={person.pk} if is_new else (), by=by, notify=True)
    places.propose_ends_elsewhere(place, by)


@transaction.atomic
def refuse(*, request: JoinRequest, by: Actor, reason: str) -> None:
    """Refuse a request; the reason is mailed to the typed mailbox. Raise MayNotEnter, AlreadyDecided, ReasonNeeded."""
    row, by = _lock_pending(request, by)
    require_reason(reason, ReasonNeeded)
    row.refusal = reason.strip()[:300]
    _decide(row, RequestState.REFUSED, by)
    event = log.record("join.refused", row, by=by, unit_id=row.unit_id, reason=row.refusal)
    _mail_refusal(row, event)


def end_at_closed(unit: Unit, *, by: Actor | None, reason: str) -> int:
    """End the requests that wait at a unit which has closed, which the caller has locked; the mail names it. Return how many."""
    rows = JoinRequest.objects.filter(unit=unit, state=RequestState.PENDING).order_by("pk")
    for row in rows:
        with translation.override(row.language):
            day = day_words(unit.until or clock.today())
            row.refusal = UnitClosed(unit=unit.name, day=day).message[:300]
        row.unit = unit
        _decide(row, RequestState.REFUSED)
        event = log.record("join.refused", row, by=by, unit_id=unit.pk, reason=reason)
        _mail_refusal(row, event)
    return len(rows)


def _mail_refusal(row: JoinRequest, event: AuditEvent) -> None:
    outbox.write_mailbox_mail(
        outbox.MailboxMail(
            kind="join_refused",
            address=row.email,
            event=event.pk,
            language=row.language,
            context={"name": row.name, "unit": row.unit.name, "reason": row.refusal},
            link=settings.SITE_URL + reverse("signin:first_login"),
        )
    )


def _lock_pending(request: JoinRequest, by: Actor) -> tuple[JoinRequest, Actor]:
    by = lock_actor(by)
    row = lock_join_request(request)
    if not may_manage_roster(by, row.unit):
        raise MayNotEnter
    if row.state != RequestState.PENDING:
        raise AlreadyDecided(state=row.get_state_display())
    return row, by


def _decide(row: JoinRequest, state: RequestState, by: Actor | None = None) -> None:
    row.state, row.decided_at, row.id_sealed = state, clock.now(), ""
    row.decided_by = by.user if by else None
    row.save()


def forget_old() -> int:
    """Delete requests that nobody has decided for two months, and what was refused as long ago; return how many."""
    before = clock.now() - FORGOTTEN_AFTER
    old = JoinRequest.objects.filter(requested_at__lt=before).exclude(state=RequestState.APPROVED)
    return old.delete()[0]
