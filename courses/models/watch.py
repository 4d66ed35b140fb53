"""Courses whose enrolment a person wants to be notified of; searches that are watched are `SavedSearch.watched_at`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models.course import Course


class EnrolmentWatch(models.Model):
    """One notice when the enrolment of a course opens. `told_at`: when it was written."""

    person = models.ForeignKey(User, models.CASCADE, related_name="enrolment_watches")
    course = models.ForeignKey(Course, models.CASCADE, related_name="watches")
    since = models.DateTimeField(_("since"))
    told_at = models.DateTimeField(_("notified"), null=True, blank=True)

    class Meta:
        verbose_name = _("watched course")
        verbose_name_plural = _("watched courses")
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "course"], name="courses_one_watch_a_course"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    def __str__(self) -> str:
        return f"{self.person_id} {self.course_id}"
