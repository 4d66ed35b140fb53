"""SQLite loses a table's triggers when a migration rebuilds the table: the ledger's is made anew."""

from django.db import migrations

from kit.triggers import forbid


class Migration(migrations.Migration):
    dependencies = [("hours", "0013_participation")]
    operations = [
        forbid(
            "hours_hourcredit",
            "hours_ledger_is_append_only",
            "the ledger of hours is append-only",
            deletes=True,
        )
    ]
