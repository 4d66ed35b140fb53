"""An objection names course and person (first step), replies have levels and one review."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.texts


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0028_policy_of_objections"),
        ("hours", "0008_certificates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="objection",
            name="answer_hours",
            field=models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True),
        ),
        migrations.AddField(
            model_name="objection",
            name="answered_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("handler", "handler"),
                    ("lead", "unit lead"),
                    ("county", "county"),
                    ("operator", "operator"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="course",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="objections",
                to="courses.course",
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="review_answer",
            field=models.TextField(
                blank=True,
                max_length=1000,
                validators=[kit.texts.refuse_controls],
                verbose_name="result of the review",
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="review_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="objection",
            name="review_hours",
            field=models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True),
        ),
        migrations.AddField(
            model_name="objection",
            name="review_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("handler", "handler"),
                    ("lead", "unit lead"),
                    ("county", "county"),
                    ("operator", "operator"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="review_text",
            field=models.TextField(
                blank=True,
                max_length=1000,
                validators=[kit.texts.refuse_controls],
                verbose_name="why the answer should be reviewed",
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="reviewed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="objection",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="objections",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="objection",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "open"),
                    ("answered", "answered"),
                    ("review", "being reviewed"),
                    ("reviewed", "reviewed"),
                ],
                default="open",
                max_length=10,
                verbose_name="state",
            ),
        ),
    ]
