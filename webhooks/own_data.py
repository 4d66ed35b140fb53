"""What webhooks hold on a person."""

from kit.own_data import table
from webhooks.models import Webhook

OWN_DATA = {
    "webhooks": table(Webhook, "account__user", "url", "purpose", "added_at", "paused_at", "ended_at"),
}
