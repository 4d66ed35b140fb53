"""Counties and the units that register courses."""

import unicodedata
from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import NATIONAL_KINDS, SchoolType, UnitKind, UnitLevel
from kit import clock

CODE_LENGTH = 6
unit_code = RegexValidator(r"^[0-9A-Z]{6}\Z", _("A unit's code is six digits or capital letters."))


# Only schools and offices get addresses under these.
OFFICIAL_DOMAINS = (".edu.tw", ".gov.tw")


def is_official(mail: str) -> bool:
    """Whether a mailbox is under a domain of schools or offices."""
    return f".{mail.rpartition('@')[2].lower()}".endswith(OFFICIAL_DOMAINS)


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


def unit_code_of(text: str) -> str:
    """Return a typed code as units have it: half width, capitals."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def listed_code(text: str) -> str:
    """Return the code of a unit that a list refers to. A spreadsheet drops the zeros in front of a number: 11301 means 011301."""
    code = unit_code_of(text)
    return code.zfill(CODE_LENGTH) if code.isascii() and code.isdigit() else code


class UnitQuerySet(models.QuerySet["Unit"]):
    def of_code(self, code: str) -> "UnitQuerySet":
        """Return the units that have a typed code today; where none has, those that had it formerly."""
        wanted = unit_code_of(code)
        now = self.filter(code=wanted)
        return now if now.exists() else self.filter(former_codes__code=wanted).distinct()

    def closed(self, on: date | None = None) -> "UnitQuerySet":
        """Return the units whose last day lies before a Taipei day (today when none is given)."""
        return self.filter(until__lt=on or clock.today())


class Unit(models.Model):
    """單位: a school, an office, a centre. Known by code and level together."""

    code = models.CharField(_("unit code"), max_length=6, validators=[unit_code])
    level = models.CharField(_("level"), max_length=20, choices=UnitLevel)
    kind = models.CharField(_("kind of unit"), max_length=24, choices=UnitKind, default=UnitKind.SCHOOL)
    school_type = models.CharField(_("run by"), max_length=12, choices=SchoolType, blank=True)
    name = models.CharField(_("unit name"), max_length=100)
    # None for a unit of the nation: a university, the ministry.
    county = models.ForeignKey(
        County, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("county")
    )
    # Of a kind of `PARENT_KINDS`, of the same county or of none (`accounts.actions.unit_rules`).
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent unit"),
    )
    district = models.CharField(_("district"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.CharField(_("web site"), max_length=200, blank=True)
    contact_name = models.CharField(_("contact"), max_length=60, blank=True)
    contact_mail = models.EmailField(_("contact's e-mail"), blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    # The last day of a closed unit. Enrolments and closings go on, nothing new is registered.
    until = models.DateField(_("last day"), null=True, blank=True, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code", "level"]
        constraints = [
            models.UniqueConstraint(fields=["code", "level"], name="accounts_unit_code_and_level"),
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="accounts_unit_kind_known"),
            models.CheckConstraint(condition=Q(level__in=UnitLevel.values), name="accounts_unit_level_known"),
            models.CheckConstraint(
                condition=Q(school_type__in=["", *SchoolType.values]), name="accounts_unit_school_type_known"
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="accounts_unit_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(county__isnull=False) | Q(kind__in=sorted(NATIONAL_KINDS)),
                name="accounts_unit_has_a_county",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def county_name(self) -> str:
        """The county's name; empty for a unit of the nation."""
        return self.county.name if self.county else ""

    def has_closed(self, on: date | None = None) -> bool:
        """Whether the unit's last day lies before a Taipei day (today when none is given)."""
        return self.until is not None and self.until < (on or clock.today())

    @property
    def contact_is_official(self) -> bool:
        """Whether the contact's mailbox belongs to a school or an office (公務信箱); true without a mailbox."""
        return not self.contact_mail or is_official(self.contact_mail)


class FormerName(models.Model):
    """A name that a unit had until a day. Records of that time keep showing it (`accounts.queries.unit_history`)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="former_names")
    name = models.CharField(_("unit name"), max_length=100)
    until = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("former name of a unit")
        verbose_name_plural = _("former names of units")
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "until"], name="accounts_one_former_name_a_day")
        ]

    def __str__(self) -> str:
        return self.name


class FormerCode(models.Model):
    """A code and level that a unit had until a day; search, forms and imports still find the unit by it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="former_codes")
    code = models.CharField(_("unit code"), max_length=6, db_index=True)
    level = models.CharField(_("level"), max_length=20, choices=UnitLevel)
    until = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("former code of a unit")
        verbose_name_plural = _("former codes of units")
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "code", "level", "until"], name="accounts_one_former_code_a_day"
            )
        ]

    def __str__(self) -> str:
        return self.code


class UnitSuccessor(models.Model):
    """The unit that took over from a closed one: one after a merger, several after a split."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="predecessions")
    since = models.DateField(_("since"))

    class Meta:
        verbose_name = _("successor of a unit")
        verbose_name_plural = _("successors of units")
        ordering = ["successor__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "successor"], name="accounts_one_succession_a_pair"),
            models.CheckConstraint(
                condition=~Q(unit=F("successor")), name="accounts_unit_not_its_own_successor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} → {self.successor}"
