"""業務帳號燈號: the stored light of a unit for a year, and the record of its changes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from courses.enums import Colour, LightCause


class UnitLight(models.Model):
    """The last count. Pages and jobs read it; the registration gate never trusts it and counts anew."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lights")
    year = models.PositiveSmallIntegerField(_("year (ROC)"))
    colour = models.CharField(_("light"), max_length=6, choices=Colour, default=Colour.GREEN)
    overdue = models.PositiveIntegerField(_("overdue"), default=0)
    unclosed = models.PositiveIntegerField(_("unclosed"), default=0)
    oldest_ended_on = models.DateField(_("oldest"), null=True, blank=True)
    registration_open = models.BooleanField(_("registration open"), default=True)
    computed_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("unit light")
        verbose_name_plural = _("unit lights")
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="courses_light_one_a_unit_and_year"),
            models.CheckConstraint(condition=Q(colour__in=Colour.values), name="courses_light_colour_known"),
            models.CheckConstraint(
                condition=Q(colour=Colour.RED, registration_open=False)
                | (~Q(colour=Colour.RED) & Q(registration_open=True)),
                name="courses_light_red_means_registration_off",
            ),
        ]
        indexes = [models.Index(fields=["year", "-overdue"], name="courses_light_by_need")]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}: {self.colour} ({self.overdue})"


class LightChange(models.Model):
    """One change of colour: when, from, to, at what count, and what caused it (job, closing, transfer …)."""

    # The cause of a change that the first count of a year makes; `before` is then the colour at the end of the year before.
    NEW_YEAR = LightCause.NEW_YEAR.value

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="light_changes")
    year = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=6, choices=Colour)
    after = models.CharField(max_length=6, choices=Colour)
    overdue = models.PositiveIntegerField()
    cause = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["unit", "year", "-at"], name="courses_light_history")]

    def __str__(self) -> str:
        return f"{self.unit} {self.before} → {self.after}"

    @property
    def cause_label(self) -> str:
        """The words for the cause; empty for one without."""
        return str(LightCause(self.cause).label) if self.cause in LightCause.values else ""
