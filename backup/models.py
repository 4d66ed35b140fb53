"""What became of each backup and each restore drill, so that the operator sees the last one."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backup.enums import RunKind


class RunQuerySet(models.QuerySet["Run"]):
    def successful(self, kind: str) -> "RunQuerySet":
        return self.filter(kind=kind, error="").order_by("-ended_at", "-id")


class Run(models.Model):
    """One backup or drill that ended. A backup that was killed leaves no row: its age shows that."""

    kind = models.CharField(_("kind"), max_length=10, choices=RunKind)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"))
    # The file that was written or restored.
    name = models.CharField(_("name"), max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    digest = models.CharField(max_length=64, blank=True)
    # Seconds of each step, and files of people that were missing.
    facts = models.JSONField(default=dict)
    # Empty: it succeeded.
    error = models.CharField(_("error"), max_length=500, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("backup or drill")
        verbose_name_plural = _("backups and drills")
        ordering = ["-ended_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RunKind.values), name="backup_run_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("began_at")), name="backup_run_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ended_at:%Y-%m-%d %H:%M}"
