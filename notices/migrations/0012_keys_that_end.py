from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0011_questionnaires"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="noticesetting",
            name="notices_only_optional_mail_is_off",
        ),
        migrations.AlterField(
            model_name="notice",
            name="category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("security", "Security of your log-in"),
                    ("rights", "Your hours and attendance"),
                    ("courses", "Changes to courses you are enrolled in"),
                    ("accounts", "Your business accounts and transfers"),
                    ("duties", "Decisions that wait for you"),
                    ("reminders", "Reminders to close courses"),
                    ("overviews", "Overviews of a unit or county"),
                    ("away", "Who is away at courses this week"),
                    ("upcoming", "Reminders before a course"),
                    ("enrolment", "Confirmations of enrolment"),
                    ("watches", "Courses you asked to hear of"),
                    ("questionnaires", "Reminders of questionnaires"),
                    ("lights", "Changes of the unit's light"),
                    ("keys", "Keys for programs that end soon"),
                ],
                max_length=20,
                verbose_name="about",
            ),
        ),
        migrations.AlterField(
            model_name="noticesetting",
            name="category",
            field=models.CharField(
                choices=[
                    ("security", "Security of your log-in"),
                    ("rights", "Your hours and attendance"),
                    ("courses", "Changes to courses you are enrolled in"),
                    ("accounts", "Your business accounts and transfers"),
                    ("duties", "Decisions that wait for you"),
                    ("reminders", "Reminders to close courses"),
                    ("overviews", "Overviews of a unit or county"),
                    ("away", "Who is away at courses this week"),
                    ("upcoming", "Reminders before a course"),
                    ("enrolment", "Confirmations of enrolment"),
                    ("watches", "Courses you asked to hear of"),
                    ("questionnaires", "Reminders of questionnaires"),
                    ("lights", "Changes of the unit's light"),
                    ("keys", "Keys for programs that end soon"),
                ],
                max_length=20,
                verbose_name="about",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticesetting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("by_mail", True),
                    (
                        "category__in",
                        (
                            "reminders",
                            "overviews",
                            "away",
                            "upcoming",
                            "enrolment",
                            "watches",
                            "questionnaires",
                            "lights",
                            "keys",
                        ),
                    ),
                    _connector="OR",
                ),
                name="notices_only_optional_mail_is_off",
            ),
        ),
    ]
