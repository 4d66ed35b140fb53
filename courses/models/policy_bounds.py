"""The bounds of a policy, shared by the validators of the fields, the sentences of the form and the constraints."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import BaseConstraint, CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import lookups  # noqa: F401  # registers `civil_year`
from kit import clock

if TYPE_CHECKING:
    from courses.models.policy import YearlyPolicy

# Least and most of each number.
BOUNDS: dict[str, tuple[int, int]] = {
    "unit_yellow_at": (1, 99),
    "unit_red_at": (2, 100),
    "closing_days": (1, 366),
    "teacher_yellow_at": (1, 99),
    "teacher_red_at": (2, 100),
    "cancel_days_before": (0, 60),
    "hours_a_day": (1, 24),
    "hours_a_week": (1, 168),
    # Outside of the quiet hours (`notices.quiet_hours`).
    "remind_hour": (7, 19),
    "day_before_hour": (7, 19),
    "first_warning_days": (2, 60),
    "last_warning_days": (1, 30),
    "escalation_days": (2, 90),
    "leave_workdays": (1, 20),
    "decision_days": (1, 30),
    "late_minutes": (0, 120),
    "doubt_remind_days": (1, 60),
    "doubt_answer_days": (2, 90),
    "doubt_county_days": (3, 180),
}
# An hour is a whole number of steps.
STEPS = (Decimal("0.1"), Decimal("0.2"), Decimal("0.5"), Decimal("1.0"))
OUT_OF_BOUNDS = _("A setting of the policy is out of its bounds.")
NEXT = clock.ROC_OFFSET + 1


def within(name: str) -> list[Any]:
    """Return the validators of a number."""
    least, most = BOUNDS[name]
    return [MinValueValidator(least), MaxValueValidator(most)]


def check_step(value: Decimal) -> None:
    """Raise ValidationError for a step of which an hour is no whole number."""
    if value not in STEPS:
        steps = ", ".join(str(step) for step in STEPS)
        raise ValidationError(_("An hour must be a whole number of steps. Write one of: %s.") % steps)


def problems(policy: "YearlyPolicy") -> dict[str, Any]:
    """Return what does not go together, by field."""
    found: dict[str, Any] = {}
    for yellow, red in (("unit_yellow_at", "unit_red_at"), ("teacher_yellow_at", "teacher_red_at")):
        below, above = getattr(policy, yellow), getattr(policy, red)
        if below is not None and above is not None and below >= above:
            found[yellow] = _("Yellow must begin below red (%s).") % above
            found[red] = _("Red must begin above yellow (%s).") % below
    a_day, a_week = policy.hours_a_day, policy.hours_a_week
    if a_day is not None and a_week is not None and a_week < a_day:
        found["hours_a_week"] = _("A week has at least the hours of a day (%s).") % a_day
    first, last = policy.first_warning_days, policy.last_warning_days
    if first is not None and last is not None and first <= last:
        found["first_warning_days"] = (
            _("The first reminder comes before the last one (%s days before the deadline).") % last
        )
    remind, answer, county = policy.doubt_remind_days, policy.doubt_answer_days, policy.doubt_county_days
    if remind is not None and answer is not None and remind >= answer:
        found["doubt_remind_days"] = _("The reminder comes before the last day to answer (%s days).") % answer
    if answer is not None and county is not None and answer >= county:
        found["doubt_county_days"] = _("The county follows after the last day to answer (%s days).") % answer
    if policy.final_deadline and policy.final_deadline.year != policy.year + NEXT:
        found["final_deadline"] = _(
            "The final deadline of a year lies in the next one: write a day of %s."
        ) % (policy.year + NEXT)
    return found


def constraints() -> Iterator[BaseConstraint]:
    """Yield the same bounds for the database."""
    for name, (least, most) in BOUNDS.items():
        inside = Q((f"{name}__gte", least), (f"{name}__lte", most))
        yield CheckConstraint(
            condition=inside, name=f"courses_policy_{name}_bounds", violation_error_message=OUT_OF_BOUNDS
        )
    yield CheckConstraint(
        condition=Q(unit_yellow_at__gte=1, unit_red_at__gt=F("unit_yellow_at")),
        name="courses_policy_unit_order",
        violation_error_message=OUT_OF_BOUNDS,
    )
    yield CheckConstraint(
        condition=Q(teacher_yellow_at__gte=1, teacher_red_at__gt=F("teacher_yellow_at")),
        name="courses_policy_teacher_order",
        violation_error_message=OUT_OF_BOUNDS,
    )
    yield CheckConstraint(
        condition=Q(hours_a_week__gte=F("hours_a_day")),
        name="courses_policy_week_holds_a_day",
        violation_error_message=OUT_OF_BOUNDS,
    )
    yield CheckConstraint(
        condition=Q(first_warning_days__gt=F("last_warning_days")),
        name="courses_policy_first_warning_first",
        violation_error_message=OUT_OF_BOUNDS,
    )
    yield CheckConstraint(
        condition=Q(
            doubt_answer_days__gt=F("doubt_remind_days"), doubt_county_days__gt=F("doubt_answer_days")
        ),
        name="courses_policy_doubt_order",
        violation_error_message=OUT_OF_BOUNDS,
    )
    yield CheckConstraint(
        condition=Q(hour_step__in=STEPS),
        name="courses_policy_hour_step_parts",
        violation_error_message=OUT_OF_BOUNDS,
    )
    yield CheckConstraint(
        condition=Q(final_deadline=None) | Q(final_deadline__civil_year=F("year") + NEXT),
        name="courses_policy_final_deadline_next_year",
        violation_error_message=OUT_OF_BOUNDS,
    )
