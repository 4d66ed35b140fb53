"""The operator closes a person who is retired, deceased or was entered by mistake, and reopens one.

Nobody logs in as a closed person. Courses, hours and the record are kept; places of service and business accounts end, and
enrolments in coming courses are cancelled.
"""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import anonymising, appointments, last_in_charge, person_requests
from accounts.actions.people import require_operator
from accounts.change_signals import access_ended, accounts_ended, person_closed
from accounts.enums import CloseReason
from accounts.errors import NotClosed, NotOneself, PersonClosed
from accounts.errors.records import MergedPerson, PersonAnonymised
from accounts.locks import lock_accounts, lock_actor, lock_operators, lock_person
from accounts.models import Affiliation, BusinessAccount, User
from audit import log
from audit.models import AuditEvent
from kit import clock
from notices import outbox


@transaction.atomic
def close(*, person: User, because: str, by: Actor, reason: str, confirmed: bool = False) -> User:
    """Close a person: end places, accounts, sessions and keys. Only a person who is not deceased gets notices.

    The enrolments in coming courses are cancelled by a receiver of `person_closed`. `confirmed`: the actor was asked about the last
    lead or handler. Raise OnlyOperatorMay, ReasonNeeded, NotOneself, PersonClosed, LeavesUnitWithout, LastOperator.
    """
    lock_operators()
    person = lock_person(person)
    held = BusinessAccount.objects.open().filter(user=person)
    accounts, now = lock_accounts(held.values_list("pk", flat=True), by)
    by = now or by
    require_operator(by, reason)
    if by.user.pk == person.pk:
        raise NotOneself
    if person.closed_at:
        raise PersonClosed
    last = clock.today() - timedelta(days=1)
    if not confirmed:
        last_in_charge.ask_all(accounts, last)
    for account in accounts:
        appointments.end_with_place(account, last, by=by, reason=reason)
    _end_places(person, by, reason)
    person.closed_at, person.closed_because, person.is_active = clock.now(), CloseReason(because), False
    person.save(update_fields=["closed_at", "closed_because", "is_active"])
    access_ended.send(sender=User, person=person, why="person closed")
    accounts_ended.send(sender=BusinessAccount, accounts=accounts)
    event = log.record(
        "person.closed",
        person,
        by=by,
        reason=reason.strip(),
        subjects=[person.pk],
        after={"because": person.closed_because, "accounts": [account.number for account in accounts]},
    )
    person_requests.settle(person, by=by, reason=reason.strip())
    announce = because != CloseReason.DECEASED
    if announce:
        _notify("person_closed", person, by, event, reason)
    person_closed.send(sender=User, person=person, by=by, reason=reason.strip(), announce=announce)
    return person


def _end_places(person: User, by: Actor, reason: str) -> None:
    """End the places today; one that has not begun ends on its first day."""
    today = clock.today()
    for place in Affiliation.objects.filter(user=person).serving_or_to_come().select_related("unit"):
        before, place.until = place.until, max(today, place.since or today)
        if place.until == before:
            continue
        place.note_end(before)
        place.save(update_fields=["until", "end_entered_at"])
        log.record(
            "affiliation.ended",
            place,
            by=by,
            unit_id=place.unit_id,
            reason=reason,
            subjects=[person.pk],
            before={"until": before},
            after={"until": place.until},
        )


@transaction.atomic
def reopen(*, person: User, by: Actor, reason: str) -> User:
    """Let a closed person log in again. Places and accounts stay ended: they begin anew.

    Raise OnlyOperatorMay, ReasonNeeded, NotClosed, MergedPerson, PersonAnonymised.
    """
    person, by = lock_person(person), lock_actor(by)
    require_operator(by, reason)
    if not person.closed_at:
        raise NotClosed
    if person.merged_into_id:
        raise MergedPerson
    if anonymising.is_anonymised(person):
        raise PersonAnonymised
    before = person.closed_because
    person.closed_at, person.closed_because, person.is_active = None, "", not person.is_guest
    person.save(update_fields=["closed_at", "closed_because", "is_active"])
    event = log.record(
        "person.reopened",
        person,
        by=by,
        reason=reason.strip(),
        subjects=[person.pk],
        before={"because": before},
    )
    _notify("person_reopened", person, by, event, reason)
    return person


def _notify(kind: str, person: User, by: Actor, event: AuditEvent, reason: str) -> None:
    outbox.write(
        [
            outbox.NewNotice(
                kind=kind,
                to=person,
                about=f"user:{person.pk}",
                event=event.pk,
                path=reverse("signin:security"),
                context={"name": person.name, "reason": reason.strip()},
                sent_by=by.person_label,
            )
        ]
    )
