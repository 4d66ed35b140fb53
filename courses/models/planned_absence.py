"""未能出席: an admitted person says before the end of a course that they cannot come, and the organiser decides."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.enums import AbsenceKind, PlannedAbsenceState
from courses.models.enrolment import Enrolment

S = PlannedAbsenceState


class PlannedAbsence(models.Model):
    """A kind alone: leave is the matter of the person's own school, so no papers and no cause are kept (practice.md §1)."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="planned_absences")
    kind = models.CharField(_("kind"), max_length=10, choices=AbsenceKind)
    state = models.CharField(_("state"), max_length=10, choices=S, default=S.OPEN)
    stated_at = models.DateTimeField(_("stated"))
    decided_at = models.DateTimeField(null=True, blank=True)
    # Empty where nobody decided: taken back by the person, or ended with the place.
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("planned absence")
        verbose_name_plural = _("planned absences")
        ordering = ["stated_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state=S.OPEN), name="courses_absence_one_open"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AbsenceKind.values), name="courses_absence_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state=S.OPEN, decided_at=None)
                | (Q(state__in=[S.TAKEN_BACK, S.ENDED], decided_at__isnull=False))
                | Q(state__in=[S.ACCEPTED, S.REFUSED], decided_at__isnull=False, decided_by__isnull=False),
                name="courses_absence_decided_by_somebody",
            ),
        ]

    # What `audit_people` reads beside the row itself.
    audit_related = ("enrolment",)

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.enrolment.user_id,)

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.kind}"
