"""People from outside, without an account: a unit enters them for its courses, and they become people with a log-in later.

A guest is a person without a log-in (docs/adr/0024): enrolment, hours and certificates are those of everybody.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.actions import invited
from accounts.actions.people import require_operator
from accounts.change_signals import people_added
from accounts.errors import PersonIsClosed
from accounts.errors.records import (
    GuestHasNoMailbox,
    GuestMailOfPerson,
    GuestMailTaken,
    GuestMailWrong,
    GuestNameTooLong,
    GuestNeedsName,
    GuestNeedsUnit,
    GuestWithNumber,
    MayNotEnterGuests,
    NotAGuest,
)
from accounts.locks import lock_actor, lock_person, lock_units
from accounts.models import Guest, Unit, User
from accounts.models.guest import address_of_nobody
from accounts.queries.persons import survivor
from audit import log
from kit import clock
from kit.masking import holds_number
from kit.texts import is_mailbox, squeezed, tidy_line

LONGEST_NAME, LONGEST_UNIT, LONGEST_MAIL = 60, 100, 200


@dataclass(frozen=True)
class GuestFacts:
    """What a clerk writes of a person from outside; the e-mail may be empty."""

    name: str
    organisation: str
    email: str = ""

    def checked(self) -> "GuestFacts":
        """Return the tidied facts. Raise GuestNeedsName, GuestNeedsUnit, GuestNameTooLong, GuestWithNumber, GuestMailWrong."""
        facts = GuestFacts(tidy_line(self.name), tidy_line(self.organisation), tidy_line(self.email).lower())
        if not facts.name:
            raise GuestNeedsName
        if not facts.organisation:
            raise GuestNeedsUnit
        if len(facts.name) > LONGEST_NAME:
            raise GuestNameTooLong(most=LONGEST_NAME, field="guest_name")
        if len(facts.organisation) > LONGEST_UNIT:
            raise GuestNameTooLong(most=LONGEST_UNIT, field="guest_unit")
        for field, text in (("guest_name", facts.name), ("guest_unit", facts.organisation)):
            if holds_number(text):
                raise GuestWithNumber(field=field)
        if facts.email and not (is_mailbox(facts.email) and len(facts.email) <= LONGEST_MAIL):
            raise GuestMailWrong
        return facts


@transaction.atomic
def enter(*, unit: Unit, facts: GuestFacts, by: Actor) -> User:
    """Return the person of a guest of a unit, entered now unless the unit has entered the same one before.

    The same: of the same name and e-mail; without an e-mail of the same name and organisation; written alike, 台 or 臺. For a guest who was merged or has become
    a person since, that person is returned. Nothing shows whether the e-mail is known elsewhere. Raise MayNotEnterGuests, GuestMailTaken,
    PersonIsClosed, and the refusals of `GuestFacts.checked`.
    """
    lock_units([unit.pk])
    by = lock_actor(by)
    if not may_enter(by, unit):
        raise MayNotEnterGuests
    facts = facts.checked()
    if known := _known(unit, facts):
        if survivor(known.person).closed_at:
            raise PersonIsClosed
        return survivor(known.person)
    person = User(name=facts.name, email=address_of_nobody(), is_guest=True, is_active=False)
    person.set_unusable_password()
    person.save()
    Guest.objects.create(
        person=person,
        unit=unit,
        organisation=facts.organisation,
        email=facts.email,
        entered_at=clock.now(),
    )
    log.record(
        "guest.added",
        person,
        by=by,
        unit_id=unit.pk,
        subjects=[person.pk],
        after={"name": facts.name, "organisation": facts.organisation, "email": facts.email},
    )
    return person


def may_enter(by: Actor, unit: Unit) -> bool:
    """Return whether a hat may enter guests of a unit: its handlers and its lead."""
    return by.is_unit_hat and by.unit_id == unit.pk and by.is_in_force


def _known(unit: Unit, facts: GuestFacts) -> Guest | None:
    """Return the guest of a unit that the facts describe, if there is one. Raise GuestMailTaken."""
    rows = Guest.objects.filter(unit=unit).select_related("person__merged_into")
    if not facts.email:
        same = (squeezed(facts.name), squeezed(facts.organisation))
        without = (row for row in rows.filter(email="") if _is_alike(row, same))
        return next(without, None)
    found = rows.filter(email=facts.email).first()
    if found and squeezed(found.person.name) != squeezed(facts.name):
        raise GuestMailTaken(name=found.person.name)
    return found


def _is_alike(row: Guest, same: tuple[str, str]) -> bool:
    return (squeezed(row.person.name), squeezed(row.organisation)) == same


@transaction.atomic
def become_person(*, person: User, by: Actor, reason: str) -> User:
    """Give a guest a log-in under the e-mail that the unit wrote, and invite them; enrolments and hours stay theirs.

    Raise OnlyOperatorMay, ReasonNeeded, NotAGuest, GuestHasNoMailbox, GuestMailOfPerson.
    """
    person, by = lock_person(person), lock_actor(by)
    require_operator(by, reason)
    if not person.is_guest or person.closed_at:
        raise NotAGuest
    email = person.guest.email
    if not email:
        raise GuestHasNoMailbox
    person.email, person.is_guest, person.is_active = email, False, True
    try:
        with transaction.atomic():
            person.save(update_fields=["email", "is_guest", "is_active"])
    except IntegrityError:
        raise GuestMailOfPerson from None
    log.record(
        "guest.became_person",
        person,
        by=by,
        unit_id=person.guest.unit_id,
        reason=reason.strip(),
        subjects=[person.pk],
        after={"email": email},
    )
    people_added.send(sender=User, people=[person])
    invited.invite([(person.pk, person.guest.unit_id)], by=by)
    return person
