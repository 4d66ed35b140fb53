"""What the operator does about a person: the full national ID with a reason, a lost second factor; and proved mailboxes."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from accounts import identity
from accounts.acting import Actor
from accounts.actions import identities
from accounts.errors import NotOneself, NumbersStay, NumberTaken, OnlyOperatorMay, ReasonNeeded
from accounts.locks import lock_actor, lock_person
from accounts.models import User
from audit import log
from notices import outbox
from signin.actions import tokens
from signin.actions.sessions import end_all


def _require_operator(by: Actor, reason: str) -> None:
    if by.account is None or not by.is_operator_hat or not by.account.is_active():
        raise OnlyOperatorMay
    if not reason.strip():
        raise ReasonNeeded


@transaction.atomic
def reveal_numbers(*, person: User, by: Actor, reason: str) -> tuple[str, str]:
    """Return the whole national ID and passport, for the operator with a reason that is recorded; the person sees the record.

    Raises OnlyOperatorMay, ReasonNeeded.
    """
    by = lock_actor(by)
    _require_operator(by, reason)
    log.record("read.national_id", person, by=by, reason=reason.strip(), subjects=[person.pk])
    return person.national_id, person.passport


@transaction.atomic
def reset_second_factor(*, person: User, by: Actor, reason: str) -> int:
    """Take a lost second factor off after the person was identified in another way; every session ends, the person is told.

    Answers how many keys went. Raises OnlyOperatorMay, ReasonNeeded.
    """
    person, by = lock_person(person), lock_actor(by)
    _require_operator(by, reason)
    count, _ = Authenticator.objects.filter(user=person).delete()
    end_all(person, why="second factor reset")
    tokens.revoke_all(person, why="second factor reset")
    event = log.record(
        "mfa.reset", person, by=by, reason=reason.strip(), subjects=[person.pk], after={"keys": count}
    )
    outbox.write(
        [
            outbox.Letter(
                kind="second_factor_reset",
                to=person,
                about=f"user:{person.pk}",
                event=event.pk,
                path=reverse("signin:security"),
                context={"reason": reason},
                sent_by=by.person_label,
            )
        ]
    )
    return int(count)


@transaction.atomic
def correct_numbers(
    *, person: User, by: Actor, national_id: str | None = None, passport: str | None = None, reason: str
) -> User:
    """Put right a wrong national ID or passport. None leaves a number as it is, an empty text takes it away.

    The person is told, sessions and keys end, and log-ins that were found through the former number are disconnected.
    Raises OnlyOperatorMay, ReasonNeeded, NotOneself, BadNationalId, BadPassport, NumberTaken, NumbersStay.
    """
    person, by = lock_person(person), lock_actor(by)
    _require_operator(by, reason)
    if by.user.pk == person.pk:
        raise NotOneself
    was = identities.Was.of(person)
    if national_id is not None:
        person.set_national_id(national_id and identity.parse(national_id))
    if passport is not None:
        person.set_passport(passport and identity.parse_passport(passport))
    if not was.changes:
        raise NumbersStay
    _refuse_taken(person)
    try:
        with transaction.atomic():
            identities.save([was], by=by, reason=reason.strip())
    except IntegrityError:
        # Another person got the number after the look above.
        _refuse_taken(person)
        raise
    return person


def _refuse_taken(person: User) -> None:
    same = Q(id_hash=person.id_hash, id_hash__isnull=False) | Q(
        passport_hash=person.passport_hash, passport_hash__isnull=False
    )
    for other in User.objects.filter(same).exclude(pk=person.pk)[:1]:
        raise NumberTaken(name=other.name, email=other.email)


def mark_mailboxes_proved(people: Iterable[User]) -> None:
    """These e-mails are known to reach their person (a reset link was used; the demonstration's people)."""
    for user in people:
        EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
        # An address is one person's: what a former one left there is no proof of anything.
        EmailAddress.objects.filter(email__iexact=user.email).exclude(user=user).delete()
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )
