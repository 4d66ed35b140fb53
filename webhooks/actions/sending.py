"""Send the messages that are due, outside of every transaction, each at least once.

A worker claims a message with a conditional UPDATE for `LEASE`; one that dies leaves it for later. An address that does not take a
message gets the next attempt after a growing pause, and its other messages wait as long. When a message is given up, the webhook is
paused and who keeps it is notified (`pausing`).
"""

import logging
import time
import uuid
from datetime import datetime, timedelta

import urllib3
from django.conf import settings
from django.db import transaction
from django.db.models import F

from kit import clock
from notices.sealing import BadSeal, unseal
from webhooks import addresses, posting, signatures
from webhooks.actions.pausing import NOT_IN_FORCE, pause
from webhooks.actions.webhooks import SEALED_FOR
from webhooks.models import Delivery, Webhook

logger = logging.getLogger(__name__)
# The pauses after the first, second, … failure: about three days in all, as Standard Webhooks recommends.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 300, 600, 840, 1200, 1440))
LEASE = timedelta(minutes=10)
BATCH = 50
GONE = 410


# The statuses of a partner's system that is overloaded: it may request a longer pause, of a day at most.
BUSY = {429, 503}


class NotTaken(Exception):
    """The address did not take the message; `pause` is what it requests before the next attempt."""

    def __init__(self, error: str, pause: timedelta = timedelta(0)) -> None:
        super().__init__(error)
        self.pause = pause


class Gone(NotTaken):
    """The address wants no messages any more (410), or its account is not in force."""


def send_waiting() -> dict[str, int]:
    """Send what is due until nothing is, or the time is over; return how many were taken and how many were not.

    The time, which is checked before each message, is a part of that between two runs: slow partners never take both processes of the
    worker, which has jobs and lights to do.
    """
    until, counts = time.monotonic() + settings.OUTBOX_SECONDS / 2, {"taken": 0, "failed": 0}
    while time.monotonic() < until and (mine := _claim()):
        failing: dict[int, datetime] = {}
        for row in mine:
            if row.webhook_id in failing or time.monotonic() > until:
                _give_back(row, failing.get(row.webhook_id))
            elif again_at := _send_one(row):
                counts["failed"] += 1
                failing[row.webhook_id] = again_at
            else:
                counts["taken"] += 1
    return counts


def _claim() -> list[Delivery]:
    """Return messages that are this worker's alone, the oldest first."""
    now, token = clock.now(), uuid.uuid4()
    due = Delivery.objects.due(now).order_by("made_at", "id").values_list("pk", flat=True)[:BATCH]
    keys = list(due)
    Delivery.objects.waiting().filter(pk__in=keys, next_at__lte=now).update(
        claim=token, next_at=now + LEASE, attempts=F("attempts") + 1
    )
    rows = Delivery.objects.filter(pk__in=keys, claim=token).select_related("webhook__account__user")
    return list(rows.order_by("made_at", "id"))


def _give_back(row: Delivery, again_at: datetime | None) -> None:
    """Leave a message for later without an attempt: until its address is tried again, or because the run is over."""
    held = Delivery.objects.filter(pk=row.pk, claim=row.claim)
    held.update(claim=None, attempts=F("attempts") - 1, next_at=again_at or clock.now() + PAUSES[0])


def _send_one(row: Delivery) -> datetime | None:
    """Send a message. Return None when it is taken, else when its address is tried again."""
    try:
        if not row.webhook.account.is_active():
            raise Gone(NOT_IN_FORCE)
        _post(row)
    except NotTaken as error:
        return _note_failure(row, error)
    held = Delivery.objects.filter(pk=row.pk, claim=row.claim)
    held.update(delivered_at=clock.now(), last_error="", claim=None)
    return None


def _post(row: Delivery) -> None:
    """Send a message. Raise NotTaken."""
    try:
        target = addresses.look_up(row.webhook.url)
        secrets = [unseal(SEALED_FOR, text) for text in _sealed(row.webhook)]
    except addresses.NotReachable as error:
        raise NotTaken(str(error)) from error
    except BadSeal:
        raise NotTaken("The secret cannot be read: renew it.") from None
    headers = signatures.headers(row.message_id, int(clock.now().timestamp()), row.body, secrets)
    headers |= {"Content-Type": "application/json", "User-Agent": "inservice-webhooks/1"}
    try:
        reply = posting.post(target, row.body.encode(), headers)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NotTaken(type(error).__name__) from error
    if reply.status == GONE:
        raise Gone(f"HTTP {reply.status}")
    if not 200 <= reply.status < 300:
        raise NotTaken(f"HTTP {reply.status}", reply.pause if reply.status in BUSY else timedelta(0))


def _sealed(webhook: Webhook) -> list[str]:
    return [webhook.secret, *([webhook.former_secret] if webhook.signs_with_former else [])]


def _note_failure(row: Delivery, failure: NotTaken) -> datetime:
    """Set the next attempt, and that of the address's other messages, and return it; after the last one pause the webhook."""
    now, error = clock.now(), str(failure)[:200]
    logger.warning("webhook %s did not take %s: %s", row.webhook_id, row.message_id, error)
    held = Delivery.objects.filter(pk=row.pk, claim=row.claim)
    if isinstance(failure, Gone) or row.attempts > len(PAUSES):
        # Both or neither: a message that is given up must not be missed by those who keep the webhook.
        with transaction.atomic():
            pause(row.webhook, error)
            held.update(last_error=error, given_up_at=now, claim=None)
        return now + PAUSES[0]
    again_at = now + max(PAUSES[row.attempts - 1], min(failure.pause, PAUSES[-1]))
    held.update(last_error=error, next_at=again_at, claim=None)
    others = Delivery.objects.waiting().filter(webhook=row.webhook, claim=None, next_at__lte=now)
    others.update(next_at=again_at)
    return again_at
