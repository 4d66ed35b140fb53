"""清查: units are requested to close the courses of a year by a day, with follow-ups, by a county or the operator."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import County, Unit, User
from courses.models.course import line, prose

DAY = timedelta(days=1)
# Follow-ups, as days from the deadline: two weeks, a week and a day before it, three days and two weeks after it (guess).
STEPS = (-14, -7, -1, 3, 14)
MOST_STEPS, FARTHEST_STEP = 10, 90


def default_steps() -> list[int]:
    return list(STEPS)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> "CampaignQuerySet":
        """Return those that have begun and were not ended."""
        return self.filter(started_at__isnull=False, ended_at=None)


class Campaign(models.Model):
    """The scope is that of the fields until it begins; from then on its units are the rows of `CampaignUnit`.

    An empty list of the scope narrows nothing.
    """

    # None: of the whole country; the operator's alone.
    county = models.ForeignKey(
        County, models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("county")
    )
    title = line(_("heading"), 100)
    text = prose(_("text"), 2000, blank=True)
    year = models.PositiveSmallIntegerField(_("courses of the year (ROC)"))
    deadline = models.DateField(_("to be closed by"))
    colours = models.JSONField(_("light"), default=list, blank=True)
    levels = models.JSONField(_("type"), default=list, blank=True)
    districts = models.JSONField(_("district"), default=list, blank=True)
    codes = models.JSONField(_("chosen units"), default=list, blank=True)
    # Days from the deadline, before it negative.
    steps = models.JSONField(_("follow-ups"), default=default_steps, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    # How the notices name their sender: the person and the unit at the beginning.
    sent_by = models.CharField(max_length=200, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(started_at=None, started_by=None)
                | Q(started_at__isnull=False, started_by__isnull=False),
                name="courses_campaign_begun_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"), started_at__isnull=False),
                name="courses_campaign_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.started_at is None

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.ended_at is None

    def step_day(self, step: int) -> date:
        """Return the day of a follow-up before it is moved to a working day."""
        return self.deadline + step * DAY


class CampaignUnit(models.Model):
    """A unit that a campaign asked: how many courses were open when it began. What is left is counted, never stored."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rows")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    courses = models.PositiveIntegerField(_("courses"))
    # When its people were notified first, or found to be nobody; the notices themselves say who.
    told_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("unit of a campaign")
        verbose_name_plural = _("units of a campaign")
        ordering = ["campaign", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "unit"], name="courses_campaign_asks_a_unit_once"),
            models.CheckConstraint(condition=Q(courses__gt=0), name="courses_campaign_unit_has_courses"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.unit_id}"
