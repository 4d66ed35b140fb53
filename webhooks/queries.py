"""Whether a hat finds a webhook, for `accounts.other_hats`."""

from collections.abc import Mapping
from typing import Any

from accounts.acting import Actor
from webhooks.models import Webhook


def finds_webhook(by: Actor, arguments: Mapping[str, Any]) -> bool:
    return Webhook.objects.managed_by(by).filter(pk=arguments["pk"]).exists()
