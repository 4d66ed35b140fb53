"""Why an act about webhooks is refused."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class MayNotKeepWebhooks(Refusal):
    sentence = _(
        "Webhooks are kept by unit leads for their unit, by county officers for their county, and by the operator."
    )
    status = 403


class TooManyWebhooks(Refusal):
    sentence = _("At most %(most)s webhooks at a time: end one you no longer need.")


class AddressNotAllowed(Refusal):
    sentence = _("The address must begin with https:// and lead to a public host: %(address)s")
    field = "url"


class WebhookEnded(Refusal):
    sentence = _("This webhook has ended.")


class TooLongAgo(Refusal):
    sentence = _("Messages are kept for %(days)s days.")
    field = "since"
