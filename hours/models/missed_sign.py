"""A person reports that a sign is missing: it appears with the organiser and on the closing sheet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Session
from hours.enums import ReportState
from kit.texts import refuse_controls


class MissedSign(models.Model):
    session = models.ForeignKey(Session, models.PROTECT, related_name="missed_signs", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.CharField(_("what happened"), max_length=300, validators=[refuse_controls])
    state = models.CharField(_("state"), max_length=10, choices=ReportState, default=ReportState.OPEN)
    raised_at = models.DateTimeField(_("reported"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("report of a missed sign")
        verbose_name_plural = _("reports of missed signs")
        ordering = ["raised_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "user"],
                condition=Q(state=ReportState.OPEN),
                name="hours_missed_sign_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReportState.values), name="hours_missed_sign_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.OPEN, decided_at=None, decided_by=None)
                | (~Q(state=ReportState.OPEN) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="hours_missed_sign_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["session", "state"], name="hours_missed_signs")]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.session_id} {self.user_id}: {self.text[:40]}"
