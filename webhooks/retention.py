"""How long webhooks are kept once they have ended."""

from django.utils.translation import gettext_lazy as _

from kit import clock
from kit.retention import Rule, delete
from webhooks.models import Webhook

RETENTION = {
    "webhooks": Rule(
        _("webhooks"),
        _("since their end"),
        _("are deleted"),
        2 * 366,
        lambda day: Webhook.objects.filter(ended_at__lt=clock.at_taipei(day)),
        delete,
    ),
}
