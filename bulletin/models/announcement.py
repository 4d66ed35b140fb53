"""Announcements: a line on top of every page for some days."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bulletin.models.published import Published, known_readers
from kit import clock


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def in_force(self, day: date | None = None) -> "AnnouncementQuerySet":
        """Shown on a Taipei day."""
        today = day or clock.today()
        return self.filter(ended_at=None, first_day__lte=today, last_day__gte=today)


class Announcement(Published):
    text = models.CharField(_("text"), max_length=300)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-first_day", "-id"]
        indexes = [models.Index(fields=["last_day"], name="bulletin_shown", condition=Q(ended_at=None))]
        constraints = [
            *known_readers("announcement"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="bulletin_announcement_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def phase(self) -> str:
        """What it is today: `future`, `shown`, `past` or `ended`."""
        today = clock.today()
        if self.ended_at:
            return "ended"
        if self.first_day > today:
            return "future"
        return "shown" if self.last_day >= today else "past"


class Dismissal(models.Model):
    """A person has read an announcement and wants its line no more."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="dismissals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("dismissal of an announcement")
        verbose_name_plural = _("dismissals of announcements")
        constraints = [
            models.UniqueConstraint(fields=["person", "announcement"], name="bulletin_dismissed_once")
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    def __str__(self) -> str:
        return f"{self.person_id}: {self.announcement_id}"
