"""Who may enrol in a course: its named units, counties and titles, and the quotas that keep places for some people until a day."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import County, Title, Unit
from courses.enums import OpenTo
from courses.models.course import Course


class Quota(models.Model):
    """Places of a course that only some people may take until the end of a day; afterwards the rest is open to all.

    `taken` counts its places that are taken. `Course.seats_kept` is the sum of what is left of the quotas not released yet; the
    course's row is locked first, then the quota's.
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="quotas")
    open_to = models.CharField(_("for whom"), max_length=10, choices=OpenTo)
    only_titles = models.BooleanField(default=False)
    places = models.PositiveIntegerField(_("places"))
    taken = models.PositiveIntegerField(default=0, editable=False)
    # Without a day: as long as cancelling is free for everybody, which is also the last moment with one.
    until = models.DateField(pgettext_lazy("places", "kept until"), null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__lte=F("places")), name="courses_quota_taken_within_places"
            ),
            models.CheckConstraint(condition=Q(places__gt=0), name="courses_quota_has_places"),
            models.CheckConstraint(
                condition=Q(open_to__in=[OpenTo.OWN_UNIT, OpenTo.UNITS, OpenTo.COUNTIES])
                | Q(open_to=OpenTo.ALL, only_titles=True),
                name="courses_quota_is_for_some",
            ),
        ]
        indexes = [
            # Read by the scheduled task that releases what is over.
            models.Index(fields=["course"], name="courses_quotas_kept", condition=Q(released_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.open_to} {self.places}"

    @property
    def left(self) -> int:
        return self.places - self.taken


class AudienceTarget(models.Model):
    """A unit, county or title that may enrol in the course, or for which the quota keeps places."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="targets")
    quota = models.ForeignKey(Quota, models.CASCADE, null=True, blank=True, related_name="targets")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    county = models.ForeignKey(County, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.ForeignKey(Title, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("named audience")
        verbose_name_plural = _("named audiences")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, county=None, title=None)
                | Q(unit=None, county__isnull=False, title=None)
                | Q(unit=None, county=None, title__isnull=False),
                name="courses_audience_target_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.unit or self.county or self.title}"

    @property
    def written(self) -> str:
        """What is named as the form takes it: the code of a unit, the name of a county or title."""
        return self.unit.code if self.unit else str(self.county or self.title)
