from django.db import migrations, models

from kit.migration_operations import AddIndexBesideWrites


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("courses", "0035_questions_at_enrolment")]

    operations = [
        AddIndexBesideWrites(
            model_name="course",
            index=models.Index(
                fields=["closed_at"],
                condition=models.Q(("questionnaire", ""), _negated=True),
                name="courses_questionnaires",
            ),
        ),
    ]
