"""Name or e-mail of a person changes only through an approved request: behind such changes accounts were handed over."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import mailbox_notices
from accounts.acting import Actor
from accounts.actions import identities, proofs
from accounts.enums import RequestState
from accounts.errors import (
    AlreadyAsked,
    AlreadyDecided,
    EmailTaken,
    MayNotAppoint,
    NothingChanges,
    ReasonNeeded,
)
from accounts.locks import lock_actor, lock_identity_change, lock_person
from accounts.models import Affiliation, BusinessAccount, IdentityChange, User
from audit import log
from kit import clock
from kit.typed_texts import require_reason
from notices import outbox


@transaction.atomic
def request(
    *, by: Actor, new_name: str, new_email: str, reason: str, proof: "UploadedFile[Any] | None" = None
) -> IdentityChange:
    """Request another name or e-mail. Raise ReasonNeeded, NothingChanges, EmailTaken, AlreadyAsked, BadProof."""
    user, email = lock_person(by.user), new_email.strip().lower()
    require_reason(reason, ReasonNeeded)
    if (user.name, user.email) == (new_name, email):
        raise NothingChanges
    if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise EmailTaken
    try:
        with transaction.atomic():
            row = IdentityChange.objects.create(
                user=user,
                old_name=user.name,
                old_email=user.email,
                new_name=new_name,
                new_email=email,
                reason=reason.strip(),
                proof=proofs.store(proof, user),
                requested_at=clock.now(),
            )
    except IntegrityError:
        raise AlreadyAsked from None
    log.record("identity.asked", row, by=by, reason=row.reason)
    return row


def may_decide(by: Actor, person: User) -> bool:
    """The operator, or an officer of a county where the person serves or holds an account; never the person."""
    if by.user.pk == person.pk or not by.is_in_force:
        return False
    if by.is_operator_hat:
        return True
    return by.is_county_hat and (
        Affiliation.objects.serving().filter(user=person, unit__county=by.county).exists()
        or BusinessAccount.objects.open().filter(user=person, unit__county=by.county).exists()
    )


@transaction.atomic
def withdraw(*, change: IdentityChange, by: Actor) -> IdentityChange:
    """Raise MayNotAppoint, AlreadyDecided."""
    row = _lock_pending(change)
    if row.user_id != by.user.pk:
        raise MayNotAppoint
    _decide(row, RequestState.TAKEN_BACK, by)
    log.record("identity.taken_back", row, by=by)
    return row


@transaction.atomic
def approve(*, change: IdentityChange, by: Actor) -> IdentityChange:
    """Approve the change: end every session of the person, require the new mailbox to be verified, notify the old one.

    Raise MayNotAppoint, AlreadyDecided, EmailTaken.
    """
    lock_person(change.user)
    by = lock_actor(by)
    row = _lock_pending(change)
    if not may_decide(by, row.user):
        raise MayNotAppoint
    try:
        with transaction.atomic():
            was = _apply(row)
    except IntegrityError:
        # Another person took the address after the request.
        raise EmailTaken from None
    _decide(row, RequestState.APPROVED, by)
    event = log.record(
        "identity.approved",
        row,
        by=by,
        subjects=[row.user_id],
        reason=row.reason,
        before={"name": was.fields["name"], "email": was.fields["email"]},
        after={"name": row.new_name, "email": row.new_email},
    )
    identities.announce([was])
    if row.new_email != row.old_email:
        mailbox_notices.to_former_mailbox(row.user, was.fields["email"], row.new_email, event.pk)
    _answer("identity_approved", row, by)
    return row


def _apply(row: IdentityChange) -> identities.Was:
    """Apply the requested change only: if the e-mail has changed since and only a name was requested, it stays."""
    person = row.user
    was = identities.Was.of(person)
    if row.new_name == row.old_name:
        row.old_name = row.new_name = person.name
    if row.new_email == row.old_email:
        row.old_email = row.new_email = person.email
    person.name, person.email = row.new_name, row.new_email
    # The trigger allows a change of a holder's name and e-mail only while this mark is set.
    row.applying = True
    row.save(update_fields=["old_name", "new_name", "old_email", "new_email", "applying"])
    person.save(update_fields=["name", "email"])
    row.applying = False
    row.save(update_fields=["applying"])
    return was


@transaction.atomic
def refuse(*, change: IdentityChange, by: Actor, reason: str) -> IdentityChange:
    """Raise MayNotAppoint, ReasonNeeded, AlreadyDecided."""
    lock_person(change.user)
    by = lock_actor(by)
    row = _lock_pending(change)
    if not may_decide(by, row.user):
        raise MayNotAppoint
    require_reason(reason, ReasonNeeded)
    row.refusal = reason.strip()
    _decide(row, RequestState.REFUSED, by)
    log.record("identity.refused", row, by=by, subjects=[row.user_id], reason=row.refusal)
    _answer("identity_refused", row, by)
    return row


def _lock_pending(change: IdentityChange) -> IdentityChange:
    row = lock_identity_change(change)
    if row.state != RequestState.PENDING:
        raise AlreadyDecided(state=row.get_state_display())
    return row


def _decide(row: IdentityChange, state: RequestState, by: Actor) -> None:
    now = clock.now()
    row.state, row.decided_by, row.decided_at = state, by.user, now
    row.save(update_fields=["state", "decided_by", "decided_at", "refusal"])
    proofs.decided(row.proof, now)


def _answer(kind: str, row: IdentityChange, by: Actor) -> None:
    outbox.write(
        [
            outbox.NewNotice(
                kind=kind,
                to=row.user,
                about=f"identity:{row.pk}",
                event="decided",
                path=reverse("signin:security"),
                context={"name": row.new_name, "email": row.new_email, "reason": row.refusal},
                sent_by=by.person_label,
            )
        ]
    )
