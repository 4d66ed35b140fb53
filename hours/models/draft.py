"""The draft of the closing page: the marks before the course is closed. One row per course and person, so that drafts do not
overwrite each other.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Course
from hours.models.sheet import Sheet


class ClosingDraft(models.Model):
    """Versions run through the whole course: the row with the highest is the one that the page continues.

    A draft holds enrolments' ids, outcomes and hours, nothing else about people, and goes when the course is closed.
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="closing_drafts")
    saved_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("saved by"))
    version = models.PositiveIntegerField()
    # The request key of the page that saved it: a page is never in conflict with its own draft.
    page = models.CharField(max_length=64, blank=True)
    marks = models.JSONField(default=dict)
    walk_ins = models.JSONField(default=dict)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("draft of a closing")
        verbose_name_plural = _("drafts of closings")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "saved_by"], name="hours_closing_draft_one_a_course_and_person"
            ),
            models.UniqueConstraint(fields=["course", "version"], name="hours_closing_draft_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="hours_closing_draft_version_counts"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.saved_by_id,)

    def __str__(self) -> str:
        return f"{self.course} v{self.version}"

    @property
    def sheet(self) -> Sheet:
        return Sheet.from_json(self.marks, self.walk_ins)
