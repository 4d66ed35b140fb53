"""Add, end, resume and take over the addresses that get messages about courses."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.acting import Actor
from accounts.locks import lock_actor, lock_units
from audit import log
from kit import clock
from kit.templatetags.ui import rocdt
from notices.sealing import seal
from webhooks import addresses, signatures
from webhooks.actions.deliveries import RETENTION, make_test
from webhooks.errors import (
    FormerSecretWorks,
    MayNotKeepWebhooks,
    OtherReach,
    TooLongAgo,
    TooManyWebhooks,
    WebhookEnded,
    WebhookInUse,
    WebhookLeft,
)
from webhooks.locks import lock_webhook
from webhooks.models import KEEPERS, Delivery, Webhook

MOST = 10
# After a renewal the former secret signs as well for so long: a partner changes it without losing a message.
BOTH_SECRETS = timedelta(days=1)
SEALED_FOR = "webhook"


@transaction.atomic
def add(*, by: Actor, url: str, purpose: str, changes: Sequence[str]) -> tuple[Webhook, str]:
    """Add an address and return it with its secret, which is never shown again.

    Raise MayNotKeepWebhooks, TooManyWebhooks, AddressNotAllowed.
    """
    if by.account is None:
        raise MayNotKeepWebhooks
    lock_units([by.account.unit_id])
    by = lock_actor(by)
    if not by.is_in_force or by.role not in KEEPERS:
        raise MayNotKeepWebhooks
    if Webhook.objects.live().filter(account__unit_id=by.appointment.unit_id).count() >= MOST:
        raise TooManyWebhooks(most=MOST)
    secret = signatures.new_secret()
    row = Webhook.objects.create(
        account=by.appointment,
        url=addresses.check(url),
        purpose=purpose,
        changes=sorted(changes),
        secret=seal(SEALED_FOR, secret),
        added_at=clock.now(),
    )
    after = {"url": row.url, "purpose": purpose, "changes": row.changes}
    log.record("webhook.add", row, by=by, unit_id=by.unit_id, after=after)
    return row, secret


@transaction.atomic
def end(*, webhook: Webhook, by: Actor) -> Webhook:
    """End a webhook; what waits is not sent. Raise MayNotKeepWebhooks, WebhookEnded."""
    row, by = _lock(webhook, by)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    row.deliveries.waiting().update(given_up_at=row.ended_at, claim=None)
    log.record("webhook.end", row, by=by, unit_id=by.unit_id)
    return row


@transaction.atomic
def resume(*, webhook: Webhook, by: Actor) -> Webhook:
    """Go on with a paused webhook: what waits is sent at once. Raise MayNotKeepWebhooks, WebhookEnded, WebhookLeft."""
    row, by = _lock(webhook, by)
    if row.is_left:
        raise WebhookLeft
    if row.paused_at is None:
        return row
    row.paused_at = None
    row.save(update_fields=["paused_at"])
    log.record("webhook.resume", row, by=by, unit_id=by.unit_id, after={"again": _send_what_waits(row)})
    return row


@transaction.atomic
def take_over(*, webhook: Webhook, by: Actor) -> Webhook:
    """Keep a webhook whose account is not in force, with its address and secret, by the own account of the same reach.

    It goes on, and what waits is sent at once. Raise MayNotKeepWebhooks, WebhookEnded, WebhookInUse, OtherReach.
    """
    row, by = _lock(webhook, by)
    if not row.is_left:
        raise WebhookInUse
    if not row.has_reach_of(by):
        raise OtherReach
    former = row.account
    row.account, row.paused_at = by.appointment, None
    row.save(update_fields=["account", "paused_at"])
    facts = {"account": row.account.number, "again": _send_what_waits(row)}
    log.record(
        "webhook.take_over",
        row,
        by=by,
        unit_id=by.unit_id,
        before={"account": former.number},
        after=facts,
        subjects=[former.user_id, row.account.user_id],
    )
    return row


def _send_what_waits(row: Webhook) -> int:
    """Send at once what waits and what was given up; return how many of the latter."""
    again = _send_again(row.deliveries.filter(delivered_at=None, given_up_at__isnull=False))
    row.deliveries.waiting().update(next_at=clock.now())
    return again


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: Actor, end_former: bool = False) -> str:
    """Return a new secret; the one of today signs as well for a day.

    A secret before it that still signs keeps its promised time: raise FormerSecretWorks, unless `end_former` ends it now. Raise
    MayNotKeepWebhooks, WebhookEnded.
    """
    row, by = _lock(webhook, by)
    if row.signs_with_former and not end_former:
        raise FormerSecretWorks(until=rocdt(row.former_until))
    secret = signatures.new_secret()
    ended = {"ended": row.former_until} if row.signs_with_former else {}
    row.former_secret, row.former_until = row.secret, clock.now() + BOTH_SECRETS
    row.secret = seal(SEALED_FOR, secret)
    row.save(update_fields=["secret", "former_secret", "former_until"])
    log.record(
        "webhook.secret", row, by=by, unit_id=by.unit_id, after={"former_until": row.former_until} | ended
    )
    return secret


@transaction.atomic
def replay(*, webhook: Webhook, by: Actor, since: date) -> int:
    """Send every message made from a Taipei day on again, under its number; return how many.

    Raise MayNotKeepWebhooks, WebhookEnded, TooLongAgo.
    """
    row, by = _lock(webhook, by)
    if since < clock.today() - RETENTION:
        raise TooLongAgo(days=RETENTION.days)
    count = _send_again(row.deliveries.filter(made_at__gte=clock.at_taipei(since)))
    log.record("webhook.replay", row, by=by, unit_id=by.unit_id, after={"since": since, "messages": count})
    return count


@transaction.atomic
def test(*, webhook: Webhook, by: Actor) -> Delivery:
    """Send a message that concerns no course. Raise MayNotKeepWebhooks, WebhookEnded, WebhookLeft."""
    row, by = _lock(webhook, by)
    if row.is_left:
        raise WebhookLeft
    return make_test(row)


def _lock(webhook: Webhook, by: Actor) -> tuple[Webhook, Actor]:
    by = lock_actor(by)
    row = lock_webhook(webhook)
    if not by.is_in_force or not Webhook.objects.managed_by(by).filter(pk=row.pk).exists():
        raise MayNotKeepWebhooks
    if row.ended_at:
        raise WebhookEnded
    return row, by


def _send_again(rows: QuerySet[Delivery]) -> int:
    return rows.update(delivered_at=None, given_up_at=None, attempts=0, next_at=clock.now(), claim=None)
