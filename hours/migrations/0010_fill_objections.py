"""An objection names course and person (second step): those of its enrolment."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    objections, enrolments = apps.get_model("hours", "Objection"), apps.get_model("courses", "Enrolment")
    mine = enrolments.objects.filter(pk=OuterRef("enrolment"))
    objections.objects.update(course=Subquery(mine.values("course")), user=Subquery(mine.values("user")))


class Migration(migrations.Migration):
    dependencies = [("hours", "0009_objections_name_course_and_person")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
