"""年度政策: one policy a year; every edit is a new version, so the history is the table itself."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import policy_bounds
from courses.models.deadlines import Deadlines, Terms
from kit import clock, request_memo, table_versions

if TYPE_CHECKING:
    from courses.models import Course

POLICIES = "policies"


class YearlyPolicyQuerySet(models.QuerySet["YearlyPolicy"]):
    def in_force(self, year: int) -> "YearlyPolicy":
        """Return the latest version for a ROC year; unsaved defaults when the operator has not written one."""
        return policy_of(self.current(), year)

    def current(self) -> dict[int, "YearlyPolicy"]:
        """Return the latest version of each year that has one: a handful of rows, which are kept until one is written."""
        return request_memo.once(POLICIES, lambda: table_versions.cached(POLICIES, "", self._current))

    def _current(self) -> dict[int, "YearlyPolicy"]:
        found: dict[int, YearlyPolicy] = {}
        for policy in self.order_by("year", "version"):
            policy.replaces(policy_of(found, policy.year))
            found[policy.year] = policy
        return found


def policy_of(policies: Mapping[int, "YearlyPolicy"], year: int) -> "YearlyPolicy":
    """Return a ROC year's policy out of `YearlyPolicy.objects.current()`; unsaved defaults for a year without one."""
    return policies.get(year) or request_memo.once(
        ("unwritten policy", year), lambda: YearlyPolicy(year=year, version=0)
    )


def number(label: Any, name: str, default: int) -> "models.PositiveSmallIntegerField[int, int]":
    """A whole number within `policy_bounds.BOUNDS`."""
    return models.PositiveSmallIntegerField(label, default=default, validators=policy_bounds.within(name))


class YearlyPolicy(models.Model):
    """The settings of domain.md §3. Defaults marked guess there are guesses; the operator may change them."""

    year = models.PositiveSmallIntegerField(_("year (ROC)"))
    version = models.PositiveSmallIntegerField(default=1)
    unit_yellow_at = number(_("unit turns yellow at (courses)"), "unit_yellow_at", 1)
    unit_red_at = number(_("unit turns red at (courses)"), "unit_red_at", 5)
    closing_days = number(_("days to close after the last session"), "closing_days", 30)
    final_deadline = models.DateField(_("final deadline"), null=True, blank=True)
    count_earlier_years = models.BooleanField(
        _("count earlier years past their final deadline"), default=False
    )
    teacher_yellow_at = number(_("teacher turns yellow at (absences)"), "teacher_yellow_at", 1)
    teacher_red_at = number(_("teacher turns red at (absences)"), "teacher_red_at", 3)
    cancel_days_before = number(
        _("last day to cancel: days before the first session"), "cancel_days_before", 1
    )
    hour_step = models.DecimalField(
        _("smallest step of hours"),
        max_digits=3,
        decimal_places=1,
        default=Decimal("0.5"),
        validators=[policy_bounds.check_step],
    )
    hours_a_day = number(_("most hours a day (warning)"), "hours_a_day", 6)
    hours_a_week = number(_("most hours a week (warning)"), "hours_a_week", 35)
    remind_hour = number(_("reminders are sent at (hour)"), "remind_hour", 8)
    day_before_hour = number(_("day-before reminders are sent at (hour)"), "day_before_hour", 9)
    first_warning_days = number(
        _("first reminder: days before the closing deadline"), "first_warning_days", 7
    )
    last_warning_days = number(_("last reminder: days before the closing deadline"), "last_warning_days", 1)
    escalation_days = number(_("to the leads and the county: days after it"), "escalation_days", 14)
    leave_workdays = number(_("leave reminder: working days before the course"), "leave_workdays", 3)
    decision_days = number(_("open decisions: days before the course"), "decision_days", 3)
    late_minutes = number(_("late or early by so many minutes is still present"), "late_minutes", 20)
    half_signed_counts = models.BooleanField(
        _("a sign-in without a sign-out, or the reverse, counts as present"), default=True
    )
    doubt_remind_days = number(_("hours in doubt: reminder after days"), "doubt_remind_days", 7)
    doubt_answer_days = number(_("hours in doubt: to be answered within days"), "doubt_answer_days", 14)
    doubt_county_days = number(_("hours in doubt: to the county after days"), "doubt_county_days", 30)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = YearlyPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly policy")
        verbose_name_plural = _("yearly policies")
        ordering = ["-year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["year", "version"], name="courses_policy_year_and_version"),
            *policy_bounds.constraints(),
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

    def clean(self) -> None:
        if found := policy_bounds.problems(self):
            raise ValidationError(found)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        request_memo.forget(POLICIES)

    @property
    def last_day(self) -> date:
        """The final deadline: courses of year N must be closed by 31 March of N+1 (letter), unless the row says otherwise."""
        return self.final_deadline or date(self.year + clock.ROC_OFFSET + 1, 3, 31)

    @property
    def announced_last_day(self) -> date:
        """Return the final deadline that the year ended with, or the one now if that is later."""
        end = clock.end_of_day(clock.year_bounds(self.year)[1])
        return max(self.last_day, self.at(end).last_day)

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

    def cancel_days_for(self, course: "Course") -> int:
        """Return how many days before a course's first session cancelling ends: a registered one keeps a later day it announced."""
        return min(self.cancel_days_before, self.at(course.registered_at).cancel_days_before)
