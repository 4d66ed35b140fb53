from django.db import migrations, models

LEVELS = {
    "elementary": "國民小學",
    "attached_elementary": "附設國民小學",
    "junior_high": "國民中學",
    "senior_high": "高級中等學校",
    "vocational": "高級職業學校",
    "special": "特殊教育學校",
    "preschool": "幼兒園",
    "none": "非學校",
}


def fill(apps, schema_editor):
    level = apps.get_model("accounts", "Level")
    level.objects.bulk_create(
        level(code=code, name=name, order=10 * number)
        for number, (code, name) in enumerate(LEVELS.items(), start=1)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0033_merged_places_go_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="Level",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="valid until")),
            ],
            options={
                "ordering": ["order", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_until", None),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="accounts_level_valid_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__in", list(LEVELS))),
                        name="accounts_level_code_known",
                    ),
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False),
    ]
