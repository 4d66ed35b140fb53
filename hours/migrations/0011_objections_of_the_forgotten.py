"""An objection names course and person (third step): a person who was forgotten at closing has no enrolment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0010_fill_objections"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="objection",
            name="hours_objection_one_open",
        ),
        migrations.RemoveConstraint(
            model_name="objection",
            name="hours_objection_answered_has_answer",
        ),
        migrations.RemoveField(
            model_name="objection",
            name="enrolment",
        ),
        migrations.AlterField(
            model_name="objection",
            name="course",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="courses.course"
            ),
        ),
        migrations.AlterField(
            model_name="objection",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="objections",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "review"])),
                fields=("course", "user"),
                name="hours_objection_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("state", "open")),
                    models.Q(
                        ("state__in", ["answered", "review", "reviewed"]),
                        models.Q(("answer", ""), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="hours_objection_answered_has_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["open", "answered"]),
                        ("review_at", None),
                        ("review_level", ""),
                        ("review_text", ""),
                    ),
                    models.Q(
                        ("review_answer", ""),
                        ("state", "review"),
                        models.Q(("review_text", ""), _negated=True),
                        models.Q(("review_level", ""), _negated=True),
                        ("review_at__isnull", False),
                    ),
                    models.Q(
                        ("state", "reviewed"),
                        models.Q(("review_text", ""), _negated=True),
                        models.Q(("review_level", ""), _negated=True),
                        ("review_at__isnull", False),
                        models.Q(("review_answer", ""), _negated=True),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="hours_objection_one_review",
            ),
        ),
    ]
