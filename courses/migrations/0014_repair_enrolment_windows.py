from django.db import migrations
from django.db.models import F


def turn_round(apps, schema_editor):
    """Turn round the windows that close before they open, which earlier versions let in, and say which: they were never open."""
    courses = apps.get_model("courses", "Course").objects.using(schema_editor.connection.alias)
    wrong = courses.filter(enrol_until__lt=F("enrol_from")).order_by("pk")
    for code, opens, closes in wrong.values_list("code", "enrol_from", "enrol_until"):
        print(f"  course {code}: enrolment from {opens} until {closes} is turned round")  # noqa: T201
    wrong.update(enrol_from=F("enrol_until"), enrol_until=F("enrol_from"))


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0013_plurals"),
    ]

    operations = [
        migrations.RunPython(turn_round, migrations.RunPython.noop, elidable=True),
    ]
