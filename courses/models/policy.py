"""年度政策: one policy a year; every edit is a new version, so the history is the table itself."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inservice import clock, memo

POLICIES = "courses.policies"


class YearlyPolicyQuerySet(models.QuerySet["YearlyPolicy"]):
    def in_force(self, year: int) -> "YearlyPolicy":
        """The latest version for a ROC year; unsaved defaults when the operator has not written one."""
        return self.current().get(year) or YearlyPolicy(year=year, version=0)

    def current(self) -> dict[int, "YearlyPolicy"]:
        """The latest version of each year that has one: a handful of rows, asked once a request."""
        return memo.once(
            POLICIES, lambda: {policy.year: policy for policy in self.order_by("year", "version")}
        )


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

    def __str__(self) -> str:
        return f"{self.year} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        memo.forget(POLICIES)

    @property
    def last_day(self) -> date:
        """The final deadline: courses of year N must be closed by 31 March of N+1 (letter), unless the row says otherwise."""
        return self.final_deadline or date(self.year + clock.ROC_OFFSET + 1, 3, 31)

    def due_on(self, ends_on: date) -> date:
        """The last Taipei day on which a course that ended on `ends_on` may still be closed on time."""
        return min(ends_on + timedelta(days=self.closing_days), self.last_day)
