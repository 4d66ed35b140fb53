"""The locks of webhooks. They follow those of the accounts and of the courses."""

from kit.locks import lock_rows
from webhooks.models import Webhook


def lock_webhook(webhook: Webhook) -> Webhook:
    """Lock a webhook; return it as it is now."""
    lock_rows(Webhook, [webhook.pk])
    return Webhook.objects.select_related("account__unit", "account__user").get(pk=webhook.pk)
