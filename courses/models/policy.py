"""年度政策: one policy a year; every edit is a new version, so the history is the table itself."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models.deadlines import Deadlines, Terms
from inservice import clock, memo

if TYPE_CHECKING:
    from courses.models import Course

POLICIES = "courses.policies"


class YearlyPolicyQuerySet(models.QuerySet["YearlyPolicy"]):
    def in_force(self, year: int) -> "YearlyPolicy":
        """Return the latest version for a ROC year; unsaved defaults when the operator has not written one."""
        return policy_of(self.current(), year)

    def current(self) -> dict[int, "YearlyPolicy"]:
        """Return the latest version of each year that has one: a handful of rows, fetched once a request."""
        return memo.once(POLICIES, self._current)

    def _current(self) -> dict[int, "YearlyPolicy"]:
        found: dict[int, YearlyPolicy] = {}
        for policy in self.order_by("year", "version"):
            policy.replaces(policy_of(found, policy.year))
            found[policy.year] = policy
        return found


def policy_of(policies: Mapping[int, "YearlyPolicy"], year: int) -> "YearlyPolicy":
    """Return a ROC year's policy out of `YearlyPolicy.objects.current()`; unsaved defaults for a year without one."""
    return policies.get(year) or YearlyPolicy(year=year, version=0)


class YearlyPolicy(models.Model):
    """The settings of domain.md §3. Defaults marked guess there are guesses; the operator may change them."""

    year = models.PositiveSmallIntegerField(_("year (ROC)"))
    version = models.PositiveSmallIntegerField(default=1)
    unit_yellow_at = models.PositiveSmallIntegerField(_("unit turns yellow at (courses)"), default=1)
    unit_red_at = models.PositiveSmallIntegerField(_("unit turns red at (courses)"), default=5)
    closing_days = models.PositiveSmallIntegerField(
        _("days to close after the last session"), default=30, validators=[MaxValueValidator(366)]
    )
    final_deadline = models.DateField(_("final deadline"), null=True, blank=True)
    count_earlier_years = models.BooleanField(
        _("count earlier years past their final deadline"), default=False
    )
    teacher_yellow_at = models.PositiveSmallIntegerField(_("teacher turns yellow at (absences)"), default=1)
    teacher_red_at = models.PositiveSmallIntegerField(_("teacher turns red at (absences)"), default=3)
    cancel_days_before = models.PositiveSmallIntegerField(
        _("last day to cancel: days before the first session"), default=1, validators=[MaxValueValidator(60)]
    )
    hour_step = models.DecimalField(
        _("smallest step of hours"),
        max_digits=3,
        decimal_places=1,
        default=Decimal("0.5"),
        validators=[MinValueValidator(Decimal("0.1"))],
    )
    hours_a_day = models.PositiveSmallIntegerField(_("most hours a day (warning)"), default=6)
    hours_a_week = models.PositiveSmallIntegerField(_("most hours a week (warning)"), default=35)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = YearlyPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly policy")
        ordering = ["-year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["year", "version"], name="courses_policy_year_and_version"),
            models.CheckConstraint(
                condition=Q(unit_yellow_at__gte=1, unit_red_at__gt=F("unit_yellow_at")),
                name="courses_policy_unit_order",
            ),
            models.CheckConstraint(
                condition=Q(teacher_yellow_at__gte=1, teacher_red_at__gt=F("teacher_yellow_at")),
                name="courses_policy_teacher_order",
            ),
            models.CheckConstraint(condition=Q(hour_step__gt=0), name="courses_policy_hour_step_positive"),
        ]

    # Earlier versions with the moment until which each was in force, oldest first. `YearlyPolicyQuerySet.current` fills it.
    history: "tuple[tuple[datetime, YearlyPolicy], ...]" = ()

    def __str__(self) -> str:
        return f"{self.year} v{self.version}"

    def replaces(self, old: "YearlyPolicy") -> None:
        """Note the version before this one. A version without a moment has been in force from the beginning."""
        if self.changed_at is not None:
            self.history = (*old.history, (self.changed_at, old))

    def at(self, moment: datetime | None) -> "YearlyPolicy":
        """Return the version that was in force at a moment (this one for none): what was announced then."""
        if moment is None:
            return self
        return next((old for until, old in self.history if moment <= until), self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        memo.forget(POLICIES)

    @property
    def last_day(self) -> date:
        """The final deadline: courses of year N must be closed by 31 March of N+1 (letter), unless the row says otherwise."""
        return self.final_deadline or date(self.year + clock.ROC_OFFSET + 1, 3, 31)

    @property
    def deadlines(self) -> Deadlines:
        """Return when courses of the year are overdue. A course that ended on the day of a change ended under the earlier terms."""
        return Deadlines(self.terms, tuple((clock.day_of(until), old.terms) for until, old in self.history))

    @property
    def terms(self) -> Terms:
        return Terms(self.closing_days, self.last_day)

    def due_on(self, ends_on: date) -> date:
        """Return the last Taipei day on which a course that ended on `ends_on` may still be closed on time."""
        return self.deadlines.due_on(ends_on)

    def hour_step_for(self, course: "Course") -> Decimal:
        """Return the smallest step of hours of a course: a registered one keeps a smaller step that it was announced with."""
        return min(self.hour_step, self.at(course.registered_at).hour_step)

    def cancel_days_for(self, moment: datetime | None) -> int:
        """Return how many days before the first session cancelling ends for a person who enrolled at a moment.

        A later, earlier-ending policy does not take back what the person was told.
        """
        return min(self.cancel_days_before, self.at(moment).cancel_days_before)
