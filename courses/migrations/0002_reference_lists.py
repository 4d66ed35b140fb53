"""The lists that courses choose from (domain.md §4, §7). The nature tree is a first, small one: the operator extends it."""

from django.db import migrations

STAGES = [
    ("10", "高中"),
    ("20", "高職"),
    ("23", "高職(進修)"),
    ("30", "國中"),
    ("40", "國小"),
    ("50", "幼兒園"),
    ("60", "特教學校"),
    ("71", "高中職"),
    ("72", "高中職+國中"),
    ("73", "國中小"),
    ("74", "國小+幼兒園"),
    ("75", "全部"),
]
GROUPS = [
    ("principal", "校長"),
    ("director", "主任"),
    ("chief", "組長"),
    ("teacher", "一般教師"),
    ("staff", "職員"),
]
TAGS = [
    ("environment", "環境教育"),
    ("family", "家庭教育"),
    ("guidance", "輔導知能"),
    ("infosec", "資通安全"),
    ("special", "特殊教育"),
    ("gender", "性別平等教育"),
    ("bullying", "校園霸凌防制"),
    ("safety", "安全教育"),
    ("firstaid", "基本救命術"),
    ("preschool", "幼兒園教保專業知能"),
    ("labour", "勞動權益"),
    ("curriculum", "課程與教學"),
]
NATURES = [
    ("1", None, "中等學校"),
    ("11", "1", "行政"),
    ("12", "1", "教學"),
    ("121", "12", "語文領域"),
    ("1211", "121", "國語文"),
    ("1212", "121", "英語文"),
    ("122", "12", "數學領域"),
    ("123", "12", "自然科學領域"),
    ("124", "12", "社會領域"),
    ("125", "12", "綜合活動領域"),
    ("126", "12", "科技領域"),
    ("2", None, "國民小學"),
    ("21", "2", "行政"),
    ("22", "2", "教學"),
    ("221", "22", "語文領域"),
    ("222", "22", "數學領域"),
    ("223", "22", "生活課程"),
    ("224", "22", "健康與體育領域"),
    ("3", None, "幼兒園"),
    ("31", "3", "行政"),
    ("32", "3", "教保活動"),
    ("4", None, "特殊教育"),
    ("41", "4", "行政"),
    ("42", "4", "教學"),
    ("5", None, "各階段共同"),
    ("51", "5", "行政"),
    ("52", "5", "議題融入"),
]


def load(apps, editor):
    for model, rows in (("Stage", STAGES), ("AudienceGroup", GROUPS), ("Tag", TAGS)):
        table = apps.get_model("courses", model)
        table.objects.bulk_create([table(code=c, name=n, order=i) for i, (c, n) in enumerate(rows, 1)])
    nature = apps.get_model("courses", "CourseNature")
    made = {}
    for order, (code, parent, name) in enumerate(NATURES, 1):
        above = made.get(parent)
        path = f"{above.path} › {name}" if above else name
        made[code] = nature.objects.create(code=code, parent=above, name=name, path=path, order=order)


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
