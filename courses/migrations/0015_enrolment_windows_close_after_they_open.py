from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0014_repair_enrolment_windows"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=Q(enrol_from=None) | Q(enrol_until=None) | Q(enrol_until__gte=F("enrol_from")),
                name="courses_course_enrolment_closes_after_it_opens",
            ),
        ),
    ]
