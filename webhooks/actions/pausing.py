"""Pause a webhook that does not work, and notify the people who can see to it.

The address takes nothing, or the account that added the webhook is not in force: then nobody is responsible for what the partner gets,
and colleagues are notified, who take the webhook over. Those above them are notified where there is no colleague. They cannot take it
over, since their account would send the partner the courses of more units; they end it, or see to it that a colleague gets an account.
"""

import logging

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import Role
from accounts.models import BusinessAccount, User
from accounts.queries.leads import leads_of_units, overseers_of, people_of
from audit import log
from audit.models import AuditEvent
from kit import clock
from kit.one_by_one import one_by_one
from notices import outbox
from webhooks.locks import lock_webhook
from webhooks.models import Webhook

logger = logging.getLogger(__name__)
# For the record and as the last answer of a message, beside those of the partner's system.
NOT_IN_FORCE = "The business account is not in force."


@transaction.atomic
def pause(webhook: Webhook, error: str) -> int:
    """Pause a webhook and notify its keeper, or colleagues when the account is not in force; return how many were notified.

    Colleagues are notified once that an account has gone, also of a webhook that was paused before.
    """
    row = lock_webhook(webhook)
    if row.is_left:
        return _pause_left(row)
    if row.paused_at or row.ended_at:
        return 0
    event = _set_paused(row, error)
    return outbox.write([_notice(row, row.account.user, "webhook_paused", event.pk, error)])


def _pause_left(row: Webhook) -> int:
    account = row.account
    if row.paused_at is None:
        _set_paused(row, NOT_IN_FORCE)
    went = f"{account.pk}:{account.suspended_at or account.valid_until or ''}"
    return outbox.write(
        _notice(row, person, "webhook_left", went, NOT_IN_FORCE, may_take_over=_may_take_over(row, person))
        for person in keepers(account)
    )


def _may_take_over(row: Webhook, person: User) -> bool:
    """Return whether one of a person's accounts has the reach of a webhook, as `take_over` requires."""
    accounts = BusinessAccount.objects.active().filter(user=person).select_related("unit")
    return any(row.has_reach_of(Actor(person, account)) for account in accounts)


def _set_paused(row: Webhook, error: str) -> AuditEvent:
    row.paused_at = clock.now()
    row.save(update_fields=["paused_at"])
    return log.record("webhook.pause", row, by=None, unit_id=row.account.unit_id, after={"error": error})


def _notice(
    row: Webhook, to: User, kind: str, event: int | str, error: str, **more: object
) -> outbox.NewNotice:
    waiting = row.deliveries.filter(delivered_at=None).count()
    facts = {"address": row.url, "purpose": row.purpose, "error": error, "waiting": waiting}
    return outbox.NewNotice(
        kind=kind,
        to=to,
        about=f"webhook:{row.pk}",
        event=event,
        path=reverse("webhooks:webhook", args=[row.pk]),
        context=facts
        | {"account": row.account.number, "name": row.account.user.name, "unit": row.account.unit.name}
        | more,
    )


def keepers(account: BusinessAccount) -> list[User]:
    """Return who sees to the webhooks of an account that is not in force: colleagues of its kind, else those above them."""
    unit = account.unit
    if account.role == Role.UNIT_LEAD and (leads := leads_of_units([unit.pk]).get(unit.pk)):
        return people_of(leads)
    county = None if account.role == Role.OPERATOR else unit.county_id
    return overseers_of([county])[county]


def pause_left() -> int:
    """Pause every webhook whose account is not in force; return how many people were notified. Safe to run twice.

    One that fails keeps no other from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    notified = 0
    with one_by_one(logger, "webhooks could not be paused") as turn:
        for row in Webhook.objects.live().select_related("account__user"):
            with turn(f"webhook {row.pk}"):
                notified += pause(row, NOT_IN_FORCE) if row.is_left else 0
    return notified
