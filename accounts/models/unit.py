"""Counties and the units that register courses."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import UnitKind, UnitLevel

unit_code = RegexValidator(r"^[0-9A-Z]{6}\Z", _("A unit's code is six digits or capital letters."))


class County(models.Model):
    """縣市. Names are kept with 臺."""

    name = models.CharField(_("county"), max_length=20, unique=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        verbose_name = _("county")
        verbose_name_plural = _("counties")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """單位: a school, an office, a centre. Known by code and level together."""

    code = models.CharField(_("unit code"), max_length=6, validators=[unit_code])
    level = models.CharField(_("level"), max_length=20, choices=UnitLevel)
    kind = models.CharField(_("kind of unit"), max_length=20, choices=UnitKind, default=UnitKind.SCHOOL)
    name = models.CharField(_("unit name"), max_length=100)
    county = models.ForeignKey(County, models.PROTECT, related_name="units", verbose_name=_("county"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    district = models.CharField(_("district"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.CharField(_("web site"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code", "level"]
        constraints = [
            models.UniqueConstraint(fields=["code", "level"], name="accounts_unit_code_and_level"),
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="accounts_unit_kind_known"),
            models.CheckConstraint(condition=Q(level__in=UnitLevel.values), name="accounts_unit_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
