"""A teacher's word to the handler: my hours of this course are missing or wrong."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Enrolment
from hours.enums import ObjectionState
from kit.texts import refuse_controls


class Objection(models.Model):
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="objections")
    text = models.TextField(_("what is wrong"), max_length=1000, validators=[refuse_controls])
    state = models.CharField(_("state"), max_length=10, choices=ObjectionState, default=ObjectionState.OPEN)
    raised_at = models.DateTimeField(_("raised"))
    answer = models.TextField(_("answer"), max_length=1000, blank=True, validators=[refuse_controls])
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state=ObjectionState.OPEN), name="hours_objection_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.OPEN, answer="")
                | (Q(state=ObjectionState.ANSWERED) & ~Q(answer="")),
                name="hours_objection_answered_has_answer",
            ),
        ]

    # What `audit_people` reads beside the row itself.
    audit_related = ("enrolment",)

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.enrolment.user_id,)

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.text[:40]}"
