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


class FormerSecretWorks(Refusal):
    sentence = _(
        "The secret before this one works until %(until)s, as promised at the last renewal. Wait until then, "
        "or choose to end it now."
    )


class WebhookLeft(Refusal):
    sentence = _("The business account of this webhook is not in force: take the webhook over first.")


class WebhookInUse(Refusal):
    sentence = _("The business account of this webhook is in force: there is nothing to take over.")


class OtherReach(Refusal):
    sentence = _(
        "A webhook is taken over by a colleague: that of a unit by its lead, that of a county by its officer, "
        "that of the operator by the operator."
    )
    status = 403


class TooLongAgo(Refusal):
    sentence = _("Messages are kept for %(days)s days.")
    field = "since"
