"""Files to download."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bulletin.models.published import Published, known_readers
from files.models import StoredFile
from kit import clock


class DownloadQuerySet(models.QuerySet["Download"]):
    def in_force(self, day: date | None = None) -> "DownloadQuerySet":
        """Offered on a Taipei day."""
        today = day or clock.today()
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=today), ended_at=None)


class Download(Published):
    title = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("what it is for"), max_length=300, blank=True)
    version = models.CharField(_("version"), max_length=30, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    changed_at = models.DateTimeField(_("changed"))

    objects = DownloadQuerySet.as_manager()

    class Meta:
        verbose_name = _("file to download")
        verbose_name_plural = _("files to download")
        ordering = ["order", "title", "id"]
        constraints = [*known_readers("download")]

    def __str__(self) -> str:
        return self.title

    @property
    def phase(self) -> str:
        """What it is today: `shown`, `past` or `ended`."""
        if self.ended_at:
            return "ended"
        return "past" if self.valid_until and self.valid_until < clock.today() else "shown"
