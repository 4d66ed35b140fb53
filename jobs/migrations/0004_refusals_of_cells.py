from django.db import migrations, models


class Migration(migrations.Migration):
    """A refused row names each of its wrong cells. The release before, which names one, keeps to this constraint, too."""

    dependencies = [("jobs", "0003_files_in_the_store")]

    operations = [
        migrations.RemoveConstraint(model_name="jobrefusal", name="jobs_refusal_once_a_line"),
        migrations.AddConstraint(
            model_name="jobrefusal",
            constraint=models.UniqueConstraint(
                fields=("job", "line", "column"), name="jobs_refusal_once_a_cell"
            ),
        ),
    ]
