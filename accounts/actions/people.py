"""What the operator does about a person: the full national ID with a reason, a wrong number or name corrected."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import identity, rules
from accounts.acting import Actor
from accounts.actions import identities
from accounts.enums import RequestState
from accounts.errors import NameStays, NotOneself, NumbersStay, NumberTaken, ReasonNeeded
from accounts.locks import lock_actor, lock_person
from accounts.models import IdentityChange, User
from audit import log
from kit import clock
from kit.texts import tidy_line
from kit.typed_texts import require_reason


def require_operator(by: Actor, reason: str) -> None:
    """Raise OnlyOperatorMay or ReasonNeeded unless the actor is an operator who gives a reason."""
    rules.require_operator(by)
    require_reason(reason, ReasonNeeded)


@transaction.atomic
def reveal_numbers(*, person: User, by: Actor, reason: str) -> tuple[str, str]:
    """Return the whole national ID and passport, for the operator with a reason that is recorded; the person sees the record.

    Raise OnlyOperatorMay, ReasonNeeded.
    """
    by = lock_actor(by)
    require_operator(by, reason)
    log.record("read.national_id", person, by=by, reason=reason.strip(), subjects=[person.pk])
    return person.national_id, person.passport


@transaction.atomic
def correct_numbers(
    *, person: User, by: Actor, national_id: str | None = None, passport: str | None = None, reason: str
) -> User:
    """Correct a wrong national ID or passport. None keeps a number, an empty text removes it.

    Notify the person, end sessions and keys, and disconnect log-ins that were found through the former number. Raise
    OnlyOperatorMay, ReasonNeeded, NotOneself, BadNationalId, BadPassport, NumberTaken, NumbersStay.
    """
    person, by = lock_person(person), lock_actor(by)
    require_operator(by, reason)
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


@transaction.atomic
def correct_name(*, person: User, by: Actor, new_name: str, reason: str) -> User:
    """Correct the name of a person, which may be a holder's. Notify the person; sessions and keys end as with every proof replaced.

    Raise OnlyOperatorMay, ReasonNeeded, NotOneself, NameStays.
    """
    person, by = lock_person(person), lock_actor(by)
    require_operator(by, reason)
    if by.user.pk == person.pk:
        raise NotOneself
    was = identities.Was.of(person)
    person.name = tidy_line(new_name)
    if not person.name or not was.changes:
        raise NameStays
    # The trigger lets a holder's name change only under such a row.
    change = IdentityChange.objects.create(
        user=person,
        old_name=was.fields["name"],
        new_name=person.name,
        old_email=person.mailbox,
        new_email=person.mailbox,
        reason=reason.strip(),
        state=RequestState.APPROVED,
        requested_at=clock.now(),
        decided_by=by.user,
        decided_at=clock.now(),
        applying=True,
    )
    identities.save([was], by=by, reason=reason.strip())
    change.applying = False
    change.save(update_fields=["applying"])
    return person


def _refuse_taken(person: User) -> None:
    same = Q(id_hash=person.id_hash, id_hash__isnull=False) | Q(
        passport_hash=person.passport_hash, passport_hash__isnull=False
    )
    for other in User.objects.filter(same).exclude(pk=person.pk)[:1]:
        raise NumberTaken(name=other.name, email=other.mailbox)
