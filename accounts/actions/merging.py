"""The operator merges two records of one natural person, and undoes it (docs/adr/0024).

Nothing moves: the second record is closed and points to the first (`User.merged_into`), and whatever reads a person takes both
(`accounts.queries.persons`). Places of service end and begin anew with the first; business accounts are never re-assigned, so they
have to end before. Undoing gives back the places that the merge began.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import anonymising, proposals
from accounts.actions.people import require_operator
from accounts.change_signals import access_ended
from accounts.enums import CloseReason
from accounts.errors.records import (
    MergeAccountsHeld,
    MergeChain,
    MergeClosed,
    MergeIntoGuest,
    MergeNotOneself,
    MergeRequestsWait,
    MergeWithOneself,
    NotMerged,
    PersonAnonymised,
)
from accounts.locks import lock_actor, lock_people
from accounts.models import Affiliation, BusinessAccount, User
from accounts.queries.merging import open_requests
from accounts.queries.names import masked_account
from accounts.queries.places import free_days
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.sentence_parts import listed
from notices import outbox

COPIED = ("title", "post", "rank", "order", "is_substitute", "is_concurrent")


@transaction.atomic
def merge(*, person: User, second: User, by: Actor, reason: str) -> User:
    """Close the `second` record and let it point to `person`. Notify both mailboxes; return the second as it is now.

    Raise OnlyOperatorMay, ReasonNeeded, and the refusals of `refuse_merge`.
    """
    person, second = _lock(person, second)
    by = lock_actor(by)
    require_operator(by, reason)
    refuse_merge(person, second, by)
    began = _hand_over_places(person, second, by, reason.strip())
    second.merged_into, second.is_active = person, False
    second.closed_at, second.closed_because = clock.now(), CloseReason.MERGED
    second.save(update_fields=["merged_into", "is_active", "closed_at", "closed_because"])
    access_ended.send(sender=User, person=second, why="person merged")
    event = log.record(
        "person.merged",
        second,
        by=by,
        reason=reason.strip(),
        subjects=[person.pk, second.pk],
        after={"into": person.name, "account": masked_account(person), "places": began},
    )
    _notify("person_merged", person, second, by, event)
    return second


def refuse_merge(person: User, second: User, by: Actor) -> None:
    """Raise the refusal that forbids to merge two records, if there is any; the preview shows the same.

    Raise MergeWithOneself, MergeNotOneself, MergeChain, MergeClosed, MergeIntoGuest, MergeAccountsHeld, MergeRequestsWait.
    """
    if person.pk == second.pk:
        raise MergeWithOneself
    if by.user.pk in (person.pk, second.pk):
        raise MergeNotOneself
    if person.merged_into_id or second.merged_into_id or User.objects.filter(merged_into=second).exists():
        raise MergeChain
    if person.closed_at or second.closed_at:
        raise MergeClosed(name=person.name if person.closed_at else second.name)
    if person.is_guest:
        raise MergeIntoGuest
    held = BusinessAccount.objects.open().filter(user=second).order_by("number")
    if numbers := list(held.values_list("number", flat=True)):
        raise MergeAccountsHeld(numbers=listed(numbers))
    if number := open_requests(second):
        raise MergeRequestsWait(number=number)


@transaction.atomic
def undo(*, person: User, by: Actor, reason: str) -> User:
    """Part a merged record from the one that it points to: it is a person of its own again. Notify both mailboxes.

    The places of service that the merge began go back to it; the others begin anew. A place at whose unit the first person holds an
    open account stays with that person. Raise OnlyOperatorMay, ReasonNeeded, NotMerged, PersonAnonymised.
    """
    second = person
    first = User.objects.filter(merged=second).first() or second
    first, second = _lock(first, second)
    by = lock_actor(by)
    require_operator(by, reason)
    if second.merged_into_id is None or second.merged_into_id != first.pk:
        raise NotMerged
    if anonymising.is_anonymised(second):
        raise PersonAnonymised
    second.merged_into, second.is_active = None, not second.is_guest
    second.closed_at, second.closed_because = None, ""
    second.save(update_fields=["merged_into", "is_active", "closed_at", "closed_because"])
    went_back = _give_back_places(first, second, by, reason.strip())
    event = log.record(
        "person.parted",
        second,
        by=by,
        reason=reason.strip(),
        subjects=[first.pk, second.pk],
        before={"into": first.name, "account": masked_account(first)},
        after={"places": went_back},
    )
    _notify("person_parted", first, second, by, event)
    return second


def _lock(person: User, second: User) -> tuple[User, User]:
    """Lock both people; return them as they are now."""
    lock_people([person.pk, second.pk])
    found = User.objects.in_bulk([person.pk, second.pk])
    return found[person.pk], found[second.pk]


def _hand_over_places(person: User, second: User, by: Actor, reason: str) -> list[str]:
    """End the places of the second record yesterday and begin them with the first today, for the days that it has none; return their units."""
    today, began = clock.today(), []
    for place in Affiliation.objects.filter(user=second).serving_or_to_come().select_related("unit"):
        last, since = place.until, place.since or today
        place.until = max(today - timedelta(days=1), place.since or date.min)
        place.note_end(last)
        place.save(update_fields=["until", "end_entered_at"])
        changed = {"before": {"until": last}, "after": {"until": place.until}}
        _record_place("affiliation.ended", place, by, reason, changed)
        there = Affiliation.objects.filter(user=person, unit=place.unit)
        for first, end in free_days(max(today, since), last, there):
            copy = {name: getattr(place, name) for name in COPIED}
            days = {"since": first, "until": end}
            own = Affiliation.objects.create(user=person, unit=place.unit, continues=place, **days, **copy)
            _record_place("affiliation.added", own, by, reason, {"after": {**copy, **days}})
            began.append(place.unit.name)
            proposals.settle([own], ends=False)
    return began


def _give_back_places(first: User, second: User, by: Actor, reason: str) -> list[str]:
    """End the places of the first person that the merge began, and let those of the second go on as long; return their units."""
    today, given = clock.today(), []
    held = BusinessAccount.objects.open().filter(user=first, unit=OuterRef("unit"))
    began = Affiliation.objects.filter(user=first, continues__user=second).serving_or_to_come()
    for own in began.exclude(Exists(held)).select_related("unit", "continues__unit").order_by("since", "pk"):
        place, last = own.continues, own.until
        if place is None:
            continue
        own.continues = _of_another_record(first, own)
        if own.continues is None:
            own.until = max(today - timedelta(days=1), own.since or date.min)
            own.note_end(last)
            ended = {"before": {"until": last}, "after": {"until": own.until}}
            _record_place("affiliation.ended", own, by, reason, ended)
        own.save(update_fields=["until", "end_entered_at", "continues"])
        if (last is None or last >= today) and _go_on(place, last, by, reason):
            given.append(place.unit.name)
    return given


def _of_another_record(first: User, own: Affiliation) -> Affiliation | None:
    """Return the place of another record of the person that its merge ended at the unit, where the person served already: `own` goes on for it."""
    ended = Affiliation.objects.filter(user__merged_into=first, unit=own.unit, until__isnull=False)
    for place in ended.select_related("user").order_by("pk"):
        merged_at = place.user.closed_at
        if merged_at and place.until and place.until >= clock.day_of(merged_at) - timedelta(days=1):
            return place
    return None


def _go_on(place: Affiliation, last: date | None, by: Actor, reason: str) -> bool:
    """Let a place of the second record go on until `last`, or until the next of its places at the unit begins; return whether it does."""
    first, before = place.since or date.min, place.until
    later = Affiliation.objects.filter(user=place.user_id, unit=place.unit, since__gt=first)
    days = free_days(first, last, later)
    if not days:
        return False
    _first, place.until = days[0]
    place.note_end(before)
    place.save(update_fields=["until", "end_entered_at"])
    changed = {"before": {"until": before}, "after": {"until": place.until}}
    _record_place("affiliation.changed", place, by, reason, changed)
    return True


def _record_place(act: str, place: Affiliation, by: Actor, reason: str, values: Mapping[str, Any]) -> None:
    subjects = [place.user_id]
    log.record(act, place, by=by, unit_id=place.unit_id, reason=reason, subjects=subjects, **values)


def _notify(kind: str, first: User, second: User, by: Actor, event: AuditEvent) -> None:
    """Notify both records, each at its own mailbox; a mailbox of another person gets no whole address. A guest has none."""
    outbox.write(
        [
            outbox.NewNotice(
                kind=kind,
                to=reader,
                address=reader.mailbox,
                about=f"user:{reader.pk}",
                event=event.pk,
                path=reverse("signin:security"),
                context={
                    "name": first.name,
                    "first": masked_account(first),
                    "second": masked_account(second),
                    "reason": event.reason,
                },
                sent_by=by.person_label,
            )
            for reader in (first, second)
            if reader.mailbox
        ]
    )
