"""The secret address of a calendar: made, renewed and ended by its person, read by a program without a log-in."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.actions.identities import Was
from accounts.locks import lock_actor, queue_person
from accounts.models import User
from audit import log
from courses.errors import OnlyUnitCalendar
from courses.models import FeedAddress
from kit import clock
from kit.digests import digest_of

NOTED_EACH = timedelta(hours=1)


@transaction.atomic
def make(*, by: Actor, of_unit: bool) -> tuple[FeedAddress, str]:
    """Make the address of the person's own calendar or of the unit's, or renew it; return it with its secret, which is not shown again.

    A renewed address replaces the former one. Raise OnlyUnitCalendar.
    """
    queue_person(by.user.pk)
    by = lock_actor(by)
    if of_unit and not (by.is_unit_hat and by.appointment.is_active()):
        raise OnlyUnitCalendar
    account = by.account if of_unit else None
    secret = secrets.token_urlsafe(32)
    row, is_new = FeedAddress.objects.update_or_create(
        person=by.user,
        account=account,
        defaults={"digest": digest_of(secret), "made_at": clock.now(), "read_at": None},
    )
    log.record("feed.make" if is_new else "feed.renew", row, by=by, after={"of_unit": of_unit})
    return row, secret


@transaction.atomic
def end(*, by: Actor, pk: int) -> bool:
    """End one of the person's own addresses; return whether there was one."""
    row = FeedAddress.objects.filter(person=by.user, pk=pk).first()
    if row is None:
        return False
    log.record("feed.end", row, by=by, before={"of_unit": row.account_id is not None})
    row.delete()
    return True


def identities_changed(sender: Any, changed: Sequence[Was], **_: Any) -> None:
    """End the addresses of people when what proved them has changed, as their keys for programs end."""
    _end_all([one.person.pk for one in changed if one.proof_is_gone], "identity")


def access_ended(sender: Any, person: User, why: str, **_: Any) -> None:
    """End the addresses of a person who may no longer log in."""
    _end_all([person.pk], why)


def _end_all(people: Sequence[int], why: str) -> None:
    for row in FeedAddress.objects.filter(person__in=people) if people else ():
        log.record("feed.end", row, by=None, subjects=[row.person_id], before={"why": why})
        row.delete()


def find(secret: str) -> FeedAddress | None:
    """Return the address of this secret: of a person who may log in, and of a unit only while the account is in force."""
    row = (
        FeedAddress.objects.filter(digest=digest_of(secret), person__is_active=True)
        .select_related("person", "account__unit", "account__user")
        .first()
    )
    if row is None or (row.account is not None and not row.account.is_active()):
        return None
    now = clock.now()
    if row.read_at is None or now - row.read_at > NOTED_EACH:
        FeedAddress.objects.filter(pk=row.pk).update(read_at=now)
    return row
