"""A policy's numbers get bounds; what an earlier revision accepted beyond them is put to the nearest and says so in its reason."""

from decimal import Decimal
from typing import Any

import django.core.validators
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import courses.models.policy_bounds

BOUNDS = {
    "unit_yellow_at": (1, 99),
    "unit_red_at": (2, 100),
    "closing_days": (1, 366),
    "teacher_yellow_at": (1, 99),
    "teacher_red_at": (2, 100),
    "cancel_days_before": (0, 60),
    "hours_a_day": (1, 24),
    "hours_a_week": (1, 168),
}
STEPS = [Decimal("0.1"), Decimal("0.2"), Decimal("0.5"), Decimal("1.0")]
OFFSET = 1912


def nearest(row: Any) -> dict[str, Any]:
    """The values of a row that lie beyond the bounds, as they are to be."""
    new = {name: min(max(getattr(row, name), least), most) for name, (least, most) in BOUNDS.items()}
    for colour in ("unit", "teacher"):
        new[f"{colour}_red_at"] = max(new[f"{colour}_red_at"], new[f"{colour}_yellow_at"] + 1)
    new["hours_a_week"] = max(new["hours_a_week"], new["hours_a_day"])
    new["hour_step"] = min(STEPS, key=lambda step: abs(step - row.hour_step))
    day = row.final_deadline
    new["final_deadline"] = day if day is None or day.year == row.year + OFFSET else None
    return {name: value for name, value in new.items() if value != getattr(row, name)}


def put_within(apps: Any, schema_editor: Any) -> None:
    for row in apps.get_model("courses", "YearlyPolicy").objects.using(schema_editor.connection.alias):
        if changed := nearest(row):
            said = "、".join(f"{name} {getattr(row, name)} → {value}" for name, value in changed.items())
            for name, value in changed.items():
                setattr(row, name, value)
            row.reason = f"{row.reason}（升級：{said}）"[:300]
            row.save(update_fields=[*changed, "reason"])


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0007_windows_and_one_draft_a_form"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(put_within, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="yearlypolicy",
            name="courses_policy_hour_step_positive",
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="cancel_days_before",
            field=models.PositiveSmallIntegerField(
                default=1,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(60),
                ],
                verbose_name="last day to cancel: days before the first session",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="closing_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(366),
                ],
                verbose_name="days to close after the last session",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="hour_step",
            field=models.DecimalField(
                decimal_places=1,
                default=Decimal("0.5"),
                max_digits=3,
                validators=[courses.models.policy_bounds.check_step],
                verbose_name="smallest step of hours",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="hours_a_day",
            field=models.PositiveSmallIntegerField(
                default=6,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(24),
                ],
                verbose_name="most hours a day (warning)",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="hours_a_week",
            field=models.PositiveSmallIntegerField(
                default=35,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(168),
                ],
                verbose_name="most hours a week (warning)",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="teacher_red_at",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[
                    django.core.validators.MinValueValidator(2),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="teacher turns red at (absences)",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="teacher_yellow_at",
            field=models.PositiveSmallIntegerField(
                default=1,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(99),
                ],
                verbose_name="teacher turns yellow at (absences)",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="unit_red_at",
            field=models.PositiveSmallIntegerField(
                default=5,
                validators=[
                    django.core.validators.MinValueValidator(2),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="unit turns red at (courses)",
            ),
        ),
        migrations.AlterField(
            model_name="yearlypolicy",
            name="unit_yellow_at",
            field=models.PositiveSmallIntegerField(
                default=1,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(99),
                ],
                verbose_name="unit turns yellow at (courses)",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_yellow_at__gte", 1), ("unit_yellow_at__lte", 99)),
                name="courses_policy_unit_yellow_at_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_red_at__gte", 2), ("unit_red_at__lte", 100)),
                name="courses_policy_unit_red_at_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("closing_days__gte", 1), ("closing_days__lte", 366)),
                name="courses_policy_closing_days_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("teacher_yellow_at__gte", 1), ("teacher_yellow_at__lte", 99)),
                name="courses_policy_teacher_yellow_at_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("teacher_red_at__gte", 2), ("teacher_red_at__lte", 100)),
                name="courses_policy_teacher_red_at_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancel_days_before__gte", 0), ("cancel_days_before__lte", 60)),
                name="courses_policy_cancel_days_before_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_a_day__gte", 1), ("hours_a_day__lte", 24)),
                name="courses_policy_hours_a_day_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_a_week__gte", 1), ("hours_a_week__lte", 168)),
                name="courses_policy_hours_a_week_bounds",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_a_week__gte", models.F("hours_a_day"))),
                name="courses_policy_week_holds_a_day",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hour_step__in", (Decimal("0.1"), Decimal("0.2"), Decimal("0.5"), Decimal("1.0")))
                ),
                name="courses_policy_hour_step_parts",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("final_deadline", None),
                    (
                        "final_deadline__civil_year",
                        django.db.models.expressions.CombinedExpression(
                            models.F("year"), "+", models.Value(1912)
                        ),
                    ),
                    _connector="OR",
                ),
                name="courses_policy_final_deadline_next_year",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="yearlypolicy",
            name="courses_policy_unit_order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unit_red_at__gt", models.F("unit_yellow_at")), ("unit_yellow_at__gte", 1)
                ),
                name="courses_policy_unit_order",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="yearlypolicy",
            name="courses_policy_teacher_order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("teacher_red_at__gt", models.F("teacher_yellow_at")), ("teacher_yellow_at__gte", 1)
                ),
                name="courses_policy_teacher_order",
                violation_error_message="A setting of the policy is out of its bounds.",
            ),
        ),
    ]
