"""The one way to change a person's name, e-mail and numbers: approved requests, the operator's actions and imports all save
here.

Accounts were handed over by such changes (letter of 112-03-01, point 3). So every proof of the former identity ends, the new
mailbox has to be verified, the former mailbox and the person get a notice, and the record keeps the old values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import identity, mailbox_notices
from accounts.acting import Actor
from accounts.actions import inactive_accounts
from accounts.change_signals import identity_changed, people_added
from accounts.errors import ChangedMeanwhile, EnteredMeanwhile
from accounts.locks import lock_people
from accounts.models import User
from audit import log
from audit.models import AuditEvent
from notices import outbox

LABELS = {"name": _("Name"), "email": _("E-mail"), "national_id": _("National ID"), "passport": _("Passport")}
FIELDS = ("name", "email", *User.NUMBER_FIELDS)
# Replaces an address for a moment, while two people of one action swap theirs.
MOVING = "moving-{pk}@invalid"
AT_ONCE = 200


@dataclass(frozen=True)
class Was:
    """The values of a person before the fields of the object were set: create it first, compare afterwards."""

    person: User
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, person: User) -> "Was":
        return cls(person, {name: getattr(person, name) for name in FIELDS})

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """Each fact that differs now, before and after; numbers masked."""
        found: dict[str, tuple[str, str]] = {}
        for name in ("name", "email"):
            if self.fields[name] != getattr(self.person, name):
                found[name] = (self.fields[name], getattr(self.person, name))
        if self.fields["id_hash"] != self.person.id_hash:
            found["national_id"] = (_masked(self.fields["id_sealed"]), self.person.national_id_masked)
        if self.fields["passport_hash"] != self.person.passport_hash:
            found["passport"] = (_masked(self.fields["passport_sealed"]), self.person.passport_masked)
        return found

    @property
    def proof_is_gone(self) -> bool:
        """Return whether a known value of the person was replaced. A number for a person without one replaces nothing."""
        return any(before for before, _after in self.changes.values())


def _masked(sealed: str) -> str:
    return identity.masked(identity.unseal(sealed)) if sealed else ""


@transaction.atomic
def save(changed: Sequence[Was], *, by: Actor | None, reason: str = "") -> list[AuditEvent]:
    """Save people whose objects have new values, and end what depended on the old ones; return the recorded events.

    A constant number of statements for any number of people, and some for each session and key that ends. The caller has
    applied the rules: who may do it, and that no address or number is another person's. Raise ChangedMeanwhile after a
    concurrent change.
    """
    changed = [one for one in changed if one.changes]
    _lock_as_read(changed)
    inactive_accounts.carry_out_ends([one.person.pk for one in changed])
    _move_aside(changed)
    for one in changed:
        one.person.set_name_key()
    User.objects.bulk_update([one.person for one in changed], [*FIELDS, "name_key"], batch_size=AT_ONCE)
    events = log.record_many(
        log.event(
            "person.changed",
            one.person,
            by=by,
            subjects=[one.person.pk],
            reason=reason,
            before={name: before for name, (before, _after) in one.changes.items()},
            after={name: after for name, (_before, after) in one.changes.items()},
        )
        for one in changed
    )
    announce(changed)
    _notify(changed, events, by, reason)
    return events


@transaction.atomic
def create(people: Sequence[User], *, by: Actor | None, unit_of: Mapping[int, int]) -> list[AuditEvent]:
    """Save new people and one event for each, in a constant number of statements; return the events.

    `unit_of` gives the unit at which a person serves, by the `id` of the object: a new person has no primary key yet.
    """
    for person in people:
        person.set_name_key()
    User.objects.bulk_create(people, batch_size=1000)
    people_added.send(sender=User, people=people)
    return log.record_many(
        log.event(
            "person.added",
            person,
            by=by,
            unit_id=unit_of.get(id(person)),
            subjects=[person.pk],
            after=_known_of(person),
        )
        for person in people
    )


def enter(person: User, *, by: Actor, unit_id: int) -> None:
    """Save one new person as `create` does, within the caller's transaction. Raise EnteredMeanwhile when another act has entered the number or the e-mail since it was looked up."""
    try:
        with transaction.atomic():
            create([person], by=by, unit_of={id(person): unit_id})
    except IntegrityError:
        raise EnteredMeanwhile from None


def _known_of(person: User) -> dict[str, str]:
    """Return what is known of a person, numbers masked; what is empty is left out."""
    facts = {
        "name": person.name,
        "email": person.mailbox,
        "national_id": person.national_id_masked,
        "passport": person.passport_masked,
    }
    return {name: fact for name, fact in facts.items() if fact}


def _lock_as_read(changed: Sequence[Was]) -> None:
    people = {one.person.pk: one for one in changed}
    lock_people(people)
    for pk, *values in User.objects.filter(pk__in=people).values_list("pk", *FIELDS):
        if dict(zip(FIELDS, values, strict=True)) != people[pk].fields:
            raise ChangedMeanwhile(name=people[pk].person.name)


def announce(changed: Sequence[Was]) -> None:
    """Send `identity_changed`: what proved the former person ends in this transaction (`signin.actions.identity_changes`)."""
    identity_changed.send(sender=User, changed=changed)


def _move_aside(changed: Sequence[Was]) -> None:
    """Free the addresses that others of the same act get: the database compares them row by row."""
    wanted = {one.person.email.lower() for one in changed if "email" in one.changes}
    for one in changed:
        if "email" in one.changes and one.fields["email"].lower() in wanted:
            User.objects.filter(pk=one.person.pk).update(email=MOVING.format(pk=one.person.pk))


def _notify(changed: Sequence[Was], events: Sequence[AuditEvent], by: Actor | None, reason: str) -> None:
    """The person, and where the e-mail changed the former mailbox."""
    for one, event in zip(changed, events, strict=True):
        if "email" in one.changes and one.fields["email"]:
            mailbox_notices.to_former_mailbox(
                one.person, one.fields["email"], one.person.email, event.pk, at_once=False
            )
    outbox.write(
        outbox.NewNotice(
            kind="person_changed",
            to=one.person,
            about=f"user:{one.person.pk}",
            event=event.pk,
            path=reverse("signin:security"),
            context={
                "changes": [
                    {"label": LABELS[name], "old": before, "new": after}
                    for name, (before, after) in one.changes.items()
                ],
                "reason": reason,
                "ended": one.proof_is_gone,
            },
            sent_by=by.person_label if by else "",
        )
        for one, event in zip(changed, events, strict=True)
    )
