from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hours", "0014_ledger_stays_append_only")]

    operations = [
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                fields=("enrolment", "participation", "hours", "name"), name="hours_certificate_once_a_name"
            ),
        ),
        migrations.RemoveConstraint(model_name="certificate", name="hours_certificate_once_a_kind"),
    ]
