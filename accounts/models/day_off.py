"""Days off and make-up working days beside the national calendar: typhoons, days of one county."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.account import BusinessAccount
from accounts.models.unit import County


class DayOff(models.Model):
    day = models.DateField(pgettext_lazy("date", "day"))
    county = models.ForeignKey(
        County, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("county")
    )
    name = models.CharField(_("name"), max_length=40)
    is_workday = models.BooleanField(_("people work"), default=False)
    added_by = models.ForeignKey(
        BusinessAccount, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("day off")
        verbose_name_plural = _("days off")
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "county"], condition=Q(ended_at=None), name="accounts_one_day_off_a_county"
            ),
            models.UniqueConstraint(
                fields=["day"], condition=Q(ended_at=None, county=None), name="accounts_one_national_day_off"
            ),
        ]

    def __str__(self) -> str:
        return self.name
