"""The fields of the curriculum that the first, small tree of natures lacked (codes are a guess; the operator extends the tree)."""

from django.db import migrations

NATURES = [
    ("1213", "121", "本土語文"),
    ("127", "12", "健康與體育領域"),
    ("128", "12", "藝術領域"),
    ("129", "12", "全民國防教育"),
    ("2211", "221", "國語文"),
    ("2212", "221", "英語文"),
    ("2213", "221", "本土語文"),
    ("225", "22", "自然科學領域"),
    ("226", "22", "社會領域"),
    ("227", "22", "藝術領域"),
    ("228", "22", "綜合活動領域"),
    ("43", "4", "特殊需求領域"),
]


def load(apps, schema_editor):
    nature = apps.get_model("courses", "CourseNature")
    for code, above, name in NATURES:
        parent = nature.objects.filter(code=above).first()
        if parent and not nature.objects.filter(code=code).exists():
            path = f"{parent.path} › {name}"
            nature.objects.create(code=code, parent=parent, name=name, path=path, order=parent.order)


class Migration(migrations.Migration):
    dependencies = [("courses", "0019_lists_that_are_kept")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
