import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_first_login_links"), ("files", "0001_initial")]

    operations = [
        migrations.AddField(
            "proof",
            "file",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
            ),
        ),
        migrations.AlterField("proof", "data", models.BinaryField(null=True)),
    ]
