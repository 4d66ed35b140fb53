"""The acts of webhooks in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "webhook.add": _("webhook added"),
    "webhook.end": _("webhook ended"),
    "webhook.pause": _("webhook paused"),
    "webhook.resume": _("webhook resumed"),
    "webhook.take_over": _("webhook taken over"),
    "webhook.secret": _("new secret for a webhook"),
    "webhook.replay": _("messages of a webhook sent again"),
}
