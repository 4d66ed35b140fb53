"""A lecturer or member of staff who is named before a course is closed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.enums import HELPERS, Participation
from courses.models.course import Course


class CourseHelper(models.Model):
    """Whom the handler expects to lecture or to help (docs/adr/0042).

    No enrolment: it takes no place and has no outcome. The closing sheet is prefilled with it, and it goes when the course is closed or
    withdrawn; what the person did is in the enrolment that the closing writes.
    """

    # Found by the constraint's index, which begins with it.
    course = models.ForeignKey(Course, models.CASCADE, related_name="helpers", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    participation = models.CharField(_("takes part as"), max_length=12, choices=Participation)
    named_at = models.DateTimeField(_("named"))

    class Meta:
        verbose_name = _("named lecturer or member of staff")
        verbose_name_plural = _("named lecturers and staff")
        ordering = ["participation", "named_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="courses_helper_one_a_person_and_course"),
            models.CheckConstraint(
                condition=Q(participation__in=HELPERS),
                name="courses_helper_is_lecturer_or_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.user} {self.participation}"

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    @property
    def person_id(self) -> int:
        """The person: the record into which the named one was merged, or that one. Reads `user`."""
        return self.user.person_id
