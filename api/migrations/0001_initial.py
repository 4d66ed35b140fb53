from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caller", models.BigIntegerField(editable=False)),
                ("key_hash", models.CharField(editable=False, max_length=64)),
                ("request_digest", models.CharField(editable=False, max_length=64)),
                ("status", models.SmallIntegerField(editable=False)),
                ("answer", models.TextField(editable=False)),
                ("created_at", models.DateTimeField(db_index=True, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("caller", "key_hash"), name="api_idempotency_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__gte", 200), ("status__lt", 300)),
                        name="api_idempotency_key_of_an_act",
                    ),
                ],
            },
        ),
    ]
