"""Lists that people choose from, kept by the operator: each entry is valid from one day until another and is never deleted once used."""

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import UnitLevel
from kit import clock

Row = TypeVar("Row", bound="Listed")


class ListedQuerySet(models.QuerySet[Row]):
    def valid(self, on: date | None = None) -> Self:
        """Return the entries that are offered on a Taipei day (today when none is given)."""
        day = on or clock.today()
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_until=None) | Q(valid_until__gte=day)
        )


class Listed(models.Model):
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = ListedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_valid_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_valid(self, on: date | None = None) -> bool:
        """Return whether it is offered on a Taipei day (today when none is given)."""
        day = on or clock.today()
        return (self.valid_from or day) <= day <= (self.valid_until or day)


class Title(Listed):
    """職稱 at a place of service: 校長, 主任, 組長 … The order is the rank in lists of people."""


class Level(Listed):
    """學校級別, in their order: each is a `UnitLevel`, which rules and imports know, so none is added, renamed or deleted."""

    class Meta(Listed.Meta):
        constraints = [
            *Listed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(code__in=UnitLevel.values), name="%(app_label)s_%(class)s_code_known"
            ),
        ]
