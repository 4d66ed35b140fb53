"""The browsers that a person has used, and the hints that an account is shared (letter of 112-03-01, point 3)."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import BusinessAccount, Device, User
from audit import log
from kit import clock, digests
from kit.browsers import browser_name
from notices import outbox

FORGET_AFTER = timedelta(days=400)


def digest_of(token: str) -> str:
    return digests.digest_of(token) if token else ""


def is_known(user: User, token: str) -> bool:
    """Whether the person has logged in with this browser before."""
    return bool(token) and Device.objects.filter(user=user, digest=digest_of(token)).exists()


def note_login(*, user: User, token: str, label: str, address: str) -> str:
    """Remember the browser of a log-in and return the token for its cookie. The person gets a notice of a new browser beside others.

    A token that is known to another person is good for this one too: colleagues share a staff-room computer.
    """
    now = clock.now()
    if token and Device.objects.filter(user=user, digest=digest_of(token)).update(
        last_seen=now, address=address, label=label[:200]
    ):
        return token
    token = token or secrets.token_urlsafe(32)
    first = not Device.objects.filter(user=user).exists()
    device = Device.objects.create(
        user=user, digest=digest_of(token), label=label[:200], address=address, first_seen=now, last_seen=now
    )
    if not first:
        _hint("device.new", user, device, {"browser": browser_name(device.label), "address": address})
    return token


def note_two_places(*, user: User, address: str, others: list[str]) -> None:
    """Send a notice to a person who is logged in at other addresses at this moment."""
    if others:
        _hint("session.two_places", user, user, {"address": address, "others": sorted(set(others))})


def _hint(action: str, user: User, obj: Device | User, facts: dict[str, object]) -> None:
    holder = BusinessAccount.objects.active().filter(user=user).first()
    event = log.record(
        action,
        obj,
        by=None,
        subjects=[user.pk],
        unit_id=holder.unit_id if holder else None,
        after=facts | {"name": user.name, "holder": bool(holder)},
    )
    outbox.write(
        [
            outbox.NewNotice(
                kind="new_device" if action == "device.new" else "two_places",
                to=user,
                about=f"user:{user.pk}",
                event=event.pk,
                path=reverse("signin:security"),
                context={**facts, "at": clock.now()},
            )
        ]
    )


@transaction.atomic
def forget(*, by: Actor, pk: int) -> bool:
    """Remove a browser from the acting person's list: its next log-in counts as a new one. Return whether it was there."""
    device = Device.objects.filter(user=by.user, pk=pk).first()
    if device is None:
        return False
    log.record("device.forgotten", device, by=by, before={"browser": browser_name(device.label)})
    device.delete()
    return True


def forget_old() -> int:
    return Device.objects.filter(last_seen__lt=clock.now() - FORGET_AFTER).delete()[0]
