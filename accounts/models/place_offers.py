"""A place of service that is offered to a known person, who accepts or declines it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import OfferState
from accounts.models.account import BusinessAccount
from accounts.models.unit import Unit
from accounts.models.user import User


class PlaceOffer(models.Model):
    """Until it is accepted, the unit sees the name of the person masked: an ID or e-mail that was typed discloses nobody."""

    user = models.ForeignKey(User, models.PROTECT, related_name="place_offers", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="place_offers", verbose_name=_("unit"))
    state = models.CharField(_("state"), max_length=12, choices=OfferState, default=OfferState.PENDING)
    title = models.CharField(_("title"), max_length=40, blank=True)
    post = models.CharField(_("post"), max_length=40, blank=True)
    is_substitute = models.BooleanField(_("substitute"), default=False)
    is_concurrent = models.BooleanField(_("concurrent"), default=False)
    since = models.DateField(_("first day"), null=True, blank=True)
    until = models.DateField(_("last day"), null=True, blank=True)
    offered_by = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(_("offered"))
    answered_at = models.DateTimeField(_("time of the answer"), null=True, blank=True)

    class Meta:
        verbose_name = _("offered place of service")
        verbose_name_plural = _("offered places of service")
        ordering = ["offered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit"],
                condition=Q(state=OfferState.PENDING),
                name="accounts_one_pending_offer",
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="accounts_offer_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.PENDING, answered_at=None)
                | (~Q(state=OfferState.PENDING) & Q(answered_at__isnull=False)),
                name="accounts_offer_answered_has_time",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.user} → {self.unit}"
