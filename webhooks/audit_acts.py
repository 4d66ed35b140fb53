"""The acts of webhooks in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "webhook.add": _("webhook added"),
    "webhook.end": _("webhook ended"),
    "webhook.pause": _("webhook paused: its address does not take the messages"),
    "webhook.resume": _("webhook resumed"),
    "webhook.secret": _("new secret for a webhook"),
    "webhook.replay": _("messages of a webhook sent again"),
}
