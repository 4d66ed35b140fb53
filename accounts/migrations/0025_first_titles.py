"""The titles of schools, in the order of their lists (a guess that the operator corrects)."""

from django.db import migrations

TITLES = [
    ("principal", "校長", 10),
    ("director", "主任", 20),
    ("chief", "組長", 30),
    ("teacher", "教師", 40),
    ("homeroom", "導師", 41),
    ("counsellor", "輔導教師", 42),
    ("special", "特教教師", 43),
    ("substitute", "代理教師", 45),
    ("hourly", "代課教師", 46),
    ("part-time", "兼任教師", 47),
    ("coach", "運動教練", 50),
    ("preschool", "教保員", 51),
    ("assistant", "教師助理員", 52),
    ("support", "教學支援工作人員", 53),
    ("nurse", "護理師", 54),
    ("staff", "職員工", 55),
    ("intern", "實習學生", 60),
]


def load(apps, schema_editor):
    title = apps.get_model("accounts", "Title")
    title.objects.bulk_create([title(code=c, name=n, order=o) for c, n, o in TITLES])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0024_lists_that_are_kept")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
