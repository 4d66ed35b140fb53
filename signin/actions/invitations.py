"""Invite people to log in for the first time: a mail with a link that works once, for fourteen days."""

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction

from accounts.acting import Actor
from accounts.locks import lock_actor, lock_person
from accounts.models import FirstLoginLink, Guest, Unit, User
from accounts.rules import may_manage_roster
from audit import log
from audit.models import AuditEvent
from kit import clock
from notices import outbox
from signin.actions import first_login_links
from signin.errors import InvitedJustNow, LoggedInBefore, LogsInElsewhere, MayNotInvite

LIFETIME = timedelta(days=14)
# A second click within this time sends no second mail.
PAUSE = timedelta(minutes=10)


@transaction.atomic
def invite(*, people: Sequence[User], unit_of: dict[int, Unit], by: Actor | None) -> int:
    """Mail a link to those of `people` who need one; return how many mails were written.

    Nobody is invited who has logged in, who has an education log-in, or whose county's education log-in knows everybody; it knows no
    guest, whom a unit of the county has entered. `unit_of` gives the unit that the mail names, by primary key. The caller has checked the rights.
    """
    outsiders = _outsiders(people)
    wanted = [
        person
        for person in _in_need(people)
        if person.pk in outsiders or not _is_of_issuer(unit_of.get(person.pk))
    ]
    events = log.record_many(
        log.event("person.invited", one, by=by, unit_id=_pk(unit_of.get(one.pk)), subjects=[one.pk])
        for one in wanted
    )
    _mail(wanted, events, unit_of, by)
    return len(wanted)


@transaction.atomic
def send_again(*, person: User, unit: Unit, by: Actor) -> None:
    """Mail the link to one person of a unit, whatever the county's education log-in; the former link stops working.

    Raise MayNotInvite, LoggedInBefore, LogsInElsewhere, InvitedJustNow.
    """
    person, by = lock_person(person), lock_actor(by)
    here = person.affiliations.serving_or_to_come().filter(unit=unit)
    if not may_manage_roster(by, unit) or not here.exists():
        raise MayNotInvite
    if person.last_login or not person.is_active:
        raise LoggedInBefore
    if not list(_in_need([person])):
        raise LogsInElsewhere
    last = FirstLoginLink.objects.filter(user=person, used_at=None).first()
    if last and (left := last.created_at + PAUSE - clock.now()) > timedelta(0):
        raise InvitedJustNow(minutes=math.ceil(left / timedelta(minutes=1)))
    event = log.record("person.invited", person, by=by, unit_id=unit.pk, subjects=[person.pk])
    _mail([person], [event], {person.pk: unit}, by)


def _in_need(people: Sequence[User]) -> Iterable[User]:
    """Return the people who have never logged in and have no education log-in."""
    connected = set(
        SocialAccount.objects.filter(user__in=[person.pk for person in people]).values_list(
            "user_id", flat=True
        )
    )
    return (p for p in people if p.is_active and p.last_login is None and p.pk not in connected)


def _outsiders(people: Sequence[User]) -> set[int]:
    """Return those who came as guests, by primary key."""
    rows = Guest.objects.filter(person__in=[person.pk for person in people])
    return set(rows.values_list("person_id", flat=True))


def _is_of_issuer(unit: Unit | None) -> bool:
    """Return whether the people of this unit log in through an issuer that is set up for its whole county."""
    counties = {issuer["county"] for issuer in settings.OIDC_ISSUERS if issuer.get("county")}
    return bool(counties) and unit is not None and unit.county_name in counties


def _pk(unit: Unit | None) -> int | None:
    return unit.pk if unit else None


def _mail(
    people: Sequence[User], events: Sequence[AuditEvent], unit_of: dict[int, Unit], by: Actor | None
) -> None:
    links = first_login_links.make(people=people, lifetime=LIFETIME, by_mail=True)
    sender = by.person_label if by else ""
    outbox.write_mailbox_mails(
        _letter(person, unit_of.get(person.pk), sender, event, links[person.pk])
        for person, event in zip(people, events, strict=True)
    )


def _letter(person: User, unit: Unit | None, sender: str, event: AuditEvent, link: str) -> outbox.MailboxMail:
    return outbox.MailboxMail(
        kind="invitation",
        address=person.email,
        event=event.pk,
        language=person.language,
        context={
            "name": person.name,
            "unit": unit.name if unit else "",
            "by": sender,
            "days": LIFETIME.days,
        },
        person_id=person.pk,
        link=link,
        expires_at=event.at + LIFETIME,
    )
