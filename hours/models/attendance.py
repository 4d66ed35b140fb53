"""簽到簽退: who signed in to or out of a session, when, and how (docs/adr/0026)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Session
from hours.enums import SignKind, SignWay

# Signs that a person makes on a phone, which has a mark of its own.
BY_PHONE = (SignWay.SCAN, SignWay.NUMBER)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def valid(self) -> "AttendanceQuerySet":
        """Signs that were not taken back."""
        return self.filter(taken_back_at=None)

    def of_course(self, course_id: int) -> "AttendanceQuerySet":
        return self.filter(session__course=course_id)


class Attendance(models.Model):
    """One sign. It is never changed: a wrong one is taken back and stays as evidence, and another one is written."""

    # Found by the index of valid signs, which begins with it.
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("sign-in or sign-out"), max_length=4, choices=SignKind)
    # The moment that counts: of the scan, which may be before it was recorded.
    at = models.DateTimeField(_("when"))
    way = models.CharField(_("how"), max_length=10, choices=SignWay)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Keyed hash of a random number in the phone's cookie, another one in each course; it shows a phone that signed for several people.
    device = models.CharField(max_length=64, blank=True, editable=False)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    taken_back_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ["recorded_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "user", "kind"],
                condition=Q(taken_back_at=None),
                name="hours_attendance_once_a_session_and_kind",
            ),
            models.CheckConstraint(condition=Q(kind__in=SignKind.values), name="hours_attendance_kind_known"),
            models.CheckConstraint(condition=Q(way__in=SignWay.values), name="hours_attendance_way_known"),
            models.CheckConstraint(
                condition=Q(device="") | Q(way__in=BY_PHONE), name="hours_attendance_device_of_a_phone"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="hours_attendance_taken_back_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["session", "recorded_at"], name="hours_attendance_of_session"),
            models.Index(fields=["user", "session"], name="hours_attendance_of_person"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.session_id} {self.user_id} {self.kind} {self.at:%H:%M}"
