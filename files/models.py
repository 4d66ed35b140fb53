"""Files that people send and that the application keeps or makes: where each is, whose it is and until when it is kept."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from files.registry import KINDS, FileKind
from kit import clock


def new_key() -> str:
    """Return a random name; nothing of the person's own file name is in it."""
    return uuid.uuid4().hex


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def present(self) -> "StoredFileQuerySet":
        return self.filter(deleted_at=None)

    def outlived(self, at: datetime | None = None) -> "StoredFileQuerySet":
        """Still there although their time is over."""
        return self.present().filter(keep_until__lte=at or clock.now())


class StoredFile(models.Model):
    """One file. Its bytes are in the storage under `path`; the row outlives them, as the evidence of what was there."""

    key = models.CharField(max_length=32, unique=True, default=new_key)
    kind = models.CharField(_("kind"), max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("whose it is")
    )
    name = models.CharField(_("name"), max_length=100)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("bytes"))
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(_("sent"))
    keep_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["keep_until"],
                name="files_outlived",
                condition=Q(deleted_at=None, keep_until__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="files_file_is_not_empty"),
            models.CheckConstraint(
                condition=Q(keep_until=None) | Q(keep_until__gte=models.F("created_at")),
                name="files_file_kept_from_its_upload_on",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.owner_id,)

    @property
    def rules(self) -> FileKind:
        return KINDS[self.kind]

    @property
    def is_present(self) -> bool:
        return self.deleted_at is None
