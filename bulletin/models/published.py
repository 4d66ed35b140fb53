"""What an announcement and a file to download have in common: who published it, and for whom."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount, County
from bulletin.enums import Readers


class Published(models.Model):
    readers = models.CharField(_("for"), max_length=20, choices=Readers, default=Readers.MEMBERS)
    county = models.ForeignKey(
        County, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("county")
    )
    published_by = models.ForeignKey(
        BusinessAccount, models.PROTECT, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        abstract = True


def known_readers(model: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(readers__in=Readers.values), name=f"bulletin_{model}_readers_known"
        ),
        models.CheckConstraint(
            condition=Q(county=None) | ~Q(readers=Readers.EVERYBODY),
            name=f"bulletin_{model}_visitors_have_no_county",
        ),
    ]
