"""停班停課: a county suspends a day, which postpones the courses of that time until their handlers choose new days."""

from datetime import datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import BusinessAccount, County, DayOff
from courses.enums import PostponementOutcome
from courses.models.course import Course, line
from kit import clock


class Suspension(models.Model):
    """One act of a county: a day, its hours (none: the whole day) and its towns (an empty list: all)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="suspensions", verbose_name=_("county"))
    name = line(_("reason"), 40)
    day = models.DateField(pgettext_lazy("date", "day"))
    from_time = models.TimeField(_("from (hour)"), null=True, blank=True)
    until_time = models.TimeField(_("until (hour)"), null=True, blank=True)
    districts = models.JSONField(_("towns"), default=list, blank=True)
    # The day off of the county, where the whole day in all towns is suspended and none was added before.
    day_off = models.ForeignKey(DayOff, models.PROTECT, null=True, blank=True, related_name="+")
    # What it is about as a text, so that a request that is sent twice makes one.
    scope = models.CharField(max_length=500, editable=False)
    made_by = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("announced"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("suspension of work and classes")
        verbose_name_plural = _("suspensions of work and classes")
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "day", "scope"],
                condition=Q(ended_at=None),
                name="courses_suspension_once",
            ),
            models.CheckConstraint(
                condition=Q(from_time=None, until_time=None) | Q(until_time__gt=F("from_time")),
                name="courses_suspension_hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.day} {self.name}"

    @property
    def starts_at(self) -> datetime:
        return clock.at_taipei(self.day, self.from_time or time(0))

    @property
    def ends_at(self) -> datetime:
        return clock.at_taipei(self.day, self.until_time) if self.until_time else clock.end_of_day(self.day)


class Postponement(models.Model):
    """延期: a course that a suspension reached. It waits until its handler has chosen new days, or it is not held."""

    suspension = models.ForeignKey(Suspension, models.PROTECT, related_name="postponements")
    course = models.ForeignKey(Course, models.PROTECT, related_name="postponements")
    postponed_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=PostponementOutcome, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("postponed course")
        verbose_name_plural = _("postponed courses")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["suspension", "course"], name="courses_postponement_once"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None) | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="courses_postponement_settled_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} ({self.suspension})"
