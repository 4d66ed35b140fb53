"""Why the API refuses a request, besides the rules of the acts."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class KeyTooNarrow(Refusal):
    sentence = _("This key may only: %(scope)s. Make one that may do more on the page My security.")
    status = 403


class KeyOfAUnit(Refusal):
    sentence = _("This key belongs to a business account. For your own matters make another key.")
    status = 403


class IdempotencyKeyReused(Refusal):
    sentence = _("This idempotency key was used before, for another request. Nothing was done.")
    status = 422


class RequestRunning(Refusal):
    sentence = _("A request with this idempotency key is running. Send it again in a moment.")
    retry_after = 1
