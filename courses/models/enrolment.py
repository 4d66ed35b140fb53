"""報名: one row for a person and a course, which changes state."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from courses.enums import HELPER_OUTCOMES, DeclineCause, EnrolmentState, Participation
from courses.models.audience import Quota
from courses.models.course import Course
from courses.models.querysets import EnrolmentQuerySet


class Enrolment(models.Model):
    # Found by the constraint's index, which begins with it.
    course = models.ForeignKey(Course, models.PROTECT, related_name="enrolments", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="enrolments", verbose_name=_("teacher"))
    # Where the teacher served when enrolling; lists and yearly records are drawn by it.
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    state = models.CharField(_("state"), max_length=12, choices=EnrolmentState)
    # The quota whose place the person holds; none for one of the open places.
    quota = models.ForeignKey(
        Quota,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enrolments",
        db_index=False,
        editable=False,
    )
    walk_in = models.BooleanField(_("walk-in"), default=False)
    # Lecturers and staff are written when the course is closed, or by a correction after it.
    participation = models.CharField(
        _("takes part as"),
        max_length=12,
        choices=Participation,
        default=Participation.PARTICIPANT,
        db_default=Participation.PARTICIPANT,
    )
    enrolled_at = models.DateTimeField(_("enrolled"))
    decided_at = models.DateTimeField(null=True, blank=True)
    # Set where there was no decision: still under review or waiting when the course was closed.
    cause = models.CharField(_("cause"), max_length=12, choices=DeclineCause, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["enrolled_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user"], name="courses_enrolment_one_a_person_and_course"
            ),
            models.CheckConstraint(
                condition=Q(state__in=EnrolmentState.values), name="courses_enrolment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(cause="") | Q(state=EnrolmentState.DECLINED),
                name="courses_enrolment_cause_of_a_refusal",
            ),
            models.CheckConstraint(
                condition=Q(participation__in=Participation.values),
                name="courses_enrolment_participation_known",
            ),
            models.CheckConstraint(
                condition=Q(participation=Participation.PARTICIPANT) | Q(state__in=sorted(HELPER_OUTCOMES)),
                name="courses_enrolment_helper_has_outcome",
            ),
        ]
        indexes = [
            # The teacher's light: the absences of a person; the course decides whether they count.
            models.Index(
                fields=["user", "course"],
                name="courses_absences",
                condition=Q(state=EnrolmentState.ABSENT),
            ),
            models.Index(fields=["course", "state", "enrolled_at"], name="courses_applicants"),
            # Few enrolments of the nation hold a place that a quota kept.
            models.Index(fields=["quota"], name="courses_of_quota", condition=Q(quota__isnull=False)),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    @property
    def is_helper(self) -> bool:
        """Whether the person is a lecturer or a member of staff of the course, not a participant."""
        return self.participation != Participation.PARTICIPANT

    @property
    def unit_name(self) -> str:
        """Return the unit's name today, or what was written as the unit of a guest, also of one with a log-in by now.

        It may be empty. Select `unit` and `user__guest`.
        """
        if self.unit:
            return self.unit.name
        guest = getattr(self.user, "guest", None)
        return guest.organisation if guest else ""

    @property
    def person_id(self) -> int:
        """The person: the record into which the enrolled one was merged, or that one. Reads `user`."""
        return self.user.person_id

    @property
    def state_label(self) -> str:
        """The state in words, with its cause where it was not the organiser's decision."""
        return str(self.get_cause_display() if self.cause else self.get_state_display())

    def __str__(self) -> str:
        return f"{self.user} → {self.course}"
