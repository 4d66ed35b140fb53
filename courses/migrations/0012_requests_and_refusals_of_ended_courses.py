"""What ended with a course before this release: its pending transfer, and who was under review or waiting when it was closed."""

from django.db import migrations, models
from django.utils import timezone


def end_pending_transfers(apps, schema_editor):
    requests = apps.get_model("courses", "TransferRequest").objects
    pending = requests.filter(state="pending", course__state__in=["closed", "withdrawn"])
    pending.update(state="ended", decided_at=timezone.now())


def name_the_cause(apps, schema_editor):
    """Closing declined the undecided at the very moment of the closing; the organiser's own decisions came before."""
    declined = apps.get_model("courses", "Enrolment").objects.filter(state="declined", cause="")
    declined.filter(course__state="closed", decided_at=models.F("course__closed_at")).update(
        cause="course_over"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0011_cause_of_a_refusal"),
    ]

    operations = [
        migrations.RunPython(end_pending_transfers, migrations.RunPython.noop),
        migrations.RunPython(name_the_cause, migrations.RunPython.noop),
    ]
