"""Addresses of partners' systems, and the messages to them."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor
from accounts.enums import OVERSIGHT_ROLES, Role
from accounts.models import BusinessAccount
from kit import clock

KEEPERS = frozenset({Role.UNIT_LEAD, *OVERSIGHT_ROLES})


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def live(self) -> "WebhookQuerySet":
        """Return what has not ended, also when it is paused."""
        return self.filter(ended_at=None)

    def managed_by(self, by: Actor) -> "WebhookQuerySet":
        """Return what a hat keeps: a lead those of the unit, an officer those of the county, the operator all."""
        if by.account is None or by.role not in KEEPERS:
            return self.none()
        if by.is_operator_hat:
            return self
        if by.is_county_hat:
            return self.filter(account__unit__county=by.account.unit.county_id)
        return self.filter(account__unit=by.account.unit_id)


class Webhook(models.Model):
    """An address that gets messages about courses: a lead's about those of the unit, an officer's about the county's, the operator's about all.

    It works while the account that added it, or took it over, is in force.
    """

    account = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="+", verbose_name=_("added by"))
    url = models.CharField(_("address"), max_length=300)
    purpose = models.CharField(_("what it is for"), max_length=60)
    # Some of courses.enums.PublicChange.
    changes = models.JSONField(_("which messages"), default=list)
    # Sealed (`notices.sealing`). After a renewal the former one signs as well until `former_until`.
    secret = models.TextField(editable=False)
    former_secret = models.TextField(editable=False, blank=True)
    former_until = models.DateTimeField(null=True, blank=True, editable=False)
    added_at = models.DateTimeField(_("added"))
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(url=""), name="webhooks_webhook_has_an_address"),
            models.CheckConstraint(
                condition=Q(former_until=None, former_secret="")
                | Q(former_until__isnull=False) & ~Q(former_secret=""),
                name="webhooks_former_secret_has_an_end",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.account.user_id,)

    @property
    def is_left(self) -> bool:
        """Whether the account is not in force: nothing is sent until a colleague takes the webhook over."""
        return self.ended_at is None and not self.account.is_active()

    @property
    def signs_with_former(self) -> bool:
        """Whether the secret before the last renewal signs as well, for the time that was promised."""
        return self.former_until is not None and self.former_until > clock.now()

    def has_reach_of(self, by: Actor) -> bool:
        """Whether a hat has the reach of the webhook: the same role at the same unit, county or for the nation."""
        if by.account is None or by.role != self.account.role or by.role not in KEEPERS:
            return False
        if by.is_county_hat:
            return by.account.unit.county_id == self.account.unit.county_id
        return by.is_operator_hat or by.account.unit_id == self.account.unit_id

    def __str__(self) -> str:
        return self.url


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        return self.filter(delivered_at=None, given_up_at=None)

    def due(self, at: datetime) -> "DeliveryQuerySet":
        """Return what may be sent now: of webhooks that have not ended and are not paused, and claimed by no other worker."""
        live = Q(webhook__ended_at=None, webhook__paused_at=None)
        return self.waiting().filter(live, next_at__lte=at)


class Delivery(models.Model):
    """One message to one address. It is sent until the address takes it, for about three days."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(_("number"), max_length=40)
    kind = models.CharField(_("message"), max_length=40)
    body = models.TextField(editable=False)  # JSON, as it is signed and sent
    made_at = models.DateTimeField(_("made"), db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Not before; while it is being sent: when another worker may take it.
    next_at = models.DateTimeField(_("next attempt"), db_index=True)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    last_error = models.CharField(_("last answer"), max_length=200, blank=True)
    delivered_at = models.DateTimeField(_("taken"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message of a webhook")
        verbose_name_plural = _("messages of webhooks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "message_id"], name="webhooks_message_once"),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(given_up_at=None), name="webhooks_taken_or_given_up"
            ),
        ]

    def __str__(self) -> str:
        return self.message_id
