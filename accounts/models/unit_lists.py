"""The ministry's yearly lists, compared with the register: each difference waits until it is accepted or left."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import ListGroup, ListRowState
from accounts.models.unit import Unit
from accounts.models.user import User


class UnitList(models.Model):
    """A list that was uploaded, with what did not differ only counted."""

    name = models.CharField(_("file"), max_length=200)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    unchanged = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("yearly list of units")
        verbose_name_plural = _("yearly lists of units")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class UnitListRow(models.Model):
    """One difference. `facts` are the row's, the county by its name; `changes` what differs: column, before, after."""

    unit_list = models.ForeignKey(UnitList, models.CASCADE, related_name="rows")
    group = models.CharField(_("group"), max_length=12, choices=ListGroup)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    code = models.CharField(_("unit code"), max_length=6)
    name = models.CharField(_("unit name"), max_length=100)
    facts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=ListRowState, default=ListRowState.OPEN)

    class Meta:
        verbose_name = _("difference of a yearly list")
        verbose_name_plural = _("differences of a yearly list")
        ordering = ["code", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(group__in=ListGroup.values), name="accounts_list_row_group_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ListRowState.values), name="accounts_list_row_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
