"""A message of the organiser to people of a course."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.enums import MessageTo
from courses.models.course import Course, line, prose


class CourseMessage(models.Model):
    """What was sent, to whom and by whom. The text of each person's notice is in the inbox."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="messages", db_index=False)
    audience = models.CharField(_("recipients"), max_length=10, choices=MessageTo)
    subject = line(_("subject"), 60)
    text = prose(_("text"), 2000)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    sent_at = models.DateTimeField(_("sent"))
    told = models.PositiveIntegerField(_("number of recipients"), default=0)
    # The page on which it was written: sent twice, it is one message.
    form_key = models.UUIDField(editable=False)

    class Meta:
        verbose_name = _("message to participants")
        verbose_name_plural = _("messages to participants")
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["course", "form_key"], name="courses_message_one_a_form"),
            models.CheckConstraint(
                condition=Q(audience__in=MessageTo.values), name="courses_message_audience_known"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.sent_by_id,)
