"""客服: the operator looks at the pages of a person, for a reason and a short time."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import BusinessAccount
from accounts.models.user import User


class SupportView(models.Model):
    """`hat` is the person's business account whose pages are looked at; None for the teacher's own."""

    operator = models.ForeignKey(
        BusinessAccount, models.PROTECT, related_name="+", verbose_name=_("operator")
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    hat = models.ForeignKey(
        BusinessAccount, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hat")
    )
    reason = models.CharField(_("reason"), max_length=300)
    begun_at = models.DateTimeField(_("begun"))
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("support view")
        verbose_name_plural = _("support views")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("begun_at")), name="accounts_support_view_is_limited"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_support_view_has_a_reason"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    def __str__(self) -> str:
        return self.person.name
