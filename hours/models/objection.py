"""時數疑義: a person reports missing or wrong hours of a course; those in charge reply, and one review by the next level may follow."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Course
from courses.models.course import prose
from hours.enums import WAITING, ObjectionState, ReplyLevel

S = ObjectionState
ANSWERED = ~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)
ASKED = ~Q(review_text="") & ~Q(review_level="") & Q(review_at__isnull=False)
REVIEWED = ~Q(review_answer="") & Q(reviewed_at__isnull=False, reviewed_by__isnull=False)
NO_REVIEW = Q(review_text="", review_level="", review_at=None)


class Objection(models.Model):
    """It names course and person, not an enrolment: a person who was forgotten at closing has none."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="objections")
    user = models.ForeignKey(User, models.PROTECT, related_name="objections")
    text = prose(_("what is wrong"), 1000)
    state = models.CharField(_("state"), max_length=10, choices=S, default=S.OPEN)
    raised_at = models.DateTimeField(_("raised"))
    answer = prose(_("answer"), 1000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    # The level that replied; empty in rows of earlier releases, in which the unit replied.
    answered_level = models.CharField(max_length=10, choices=ReplyLevel, blank=True)
    # What the person has since the answer, where it corrected the hours.
    answer_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    review_text = prose(_("why the answer should be reviewed"), 1000, blank=True)
    review_at = models.DateTimeField(null=True, blank=True)
    review_level = models.CharField(max_length=10, choices=ReplyLevel, blank=True)
    review_answer = prose(_("result of the review"), 1000, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user"],
                condition=Q(state__in=[S.OPEN, S.REVIEW]),
                name="hours_objection_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=S.OPEN, answer="")
                | (Q(state__in=[S.ANSWERED, S.REVIEW, S.REVIEWED]) & ANSWERED),
                name="hours_objection_answered_has_answer",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=[S.OPEN, S.ANSWERED]) & NO_REVIEW)
                | (Q(state=S.REVIEW, review_answer="") & ASKED)
                | (Q(state=S.REVIEWED) & ASKED & REVIEWED),
                name="hours_objection_one_review",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    @property
    def is_waiting(self) -> bool:
        """Whether a reply is due: to the objection, or to the request for a review."""
        return self.state in WAITING

    @property
    def waits_since(self) -> datetime:
        """The moment from which the days of a reply are counted."""
        return self.review_at or self.raised_at

    def __str__(self) -> str:
        return f"{self.course}: {self.text[:40]}"
