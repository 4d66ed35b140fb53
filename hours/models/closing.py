"""結案: the one closing of a course, with the totals that its receipt shows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount, User
from courses.models import Course


class Closing(models.Model):
    """One-to-one with the course, so that a course is closed once also under concurrent requests."""

    course = models.OneToOneField(Course, models.PROTECT, related_name="closing")
    # The form's own key: repeating the request returns this row.
    request_key = models.CharField(max_length=64)
    # Keyed hash of the request's content: the same key with another content is another request. Empty in older rows.
    content = models.CharField(max_length=64, blank=True, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("closed by"))
    account = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(_("when"))
    attended = models.PositiveIntegerField(_("attended"))
    absent = models.PositiveIntegerField(_("absent"))
    excused = models.PositiveIntegerField(_("excused"))
    walk_ins = models.PositiveIntegerField(_("walk-ins"))
    # Of the participants; the hours of lecturers and staff are their own sum.
    hours_total = models.DecimalField(_("hours issued"), max_digits=9, decimal_places=1)
    helpers = models.PositiveIntegerField(_("lecturers and staff"), default=0, db_default=0)
    helper_hours = models.DecimalField(
        _("hours of lecturers and staff"), max_digits=9, decimal_places=1, default=0, db_default=0
    )

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")

    def __str__(self) -> str:
        return f"{self.course} ({self.closed_at:%Y-%m-%d})"
