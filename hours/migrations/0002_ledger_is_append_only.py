"""Hours are an append-only ledger: the database refuses changes."""

from django.db import migrations

from kit.triggers import forbid


class Migration(migrations.Migration):
    dependencies = [("hours", "0001_initial")]
    operations = [
        forbid(
            "hours_hourcredit",
            "hours_ledger_is_append_only",
            "the ledger of hours is append-only",
            deletes=True,
        )
    ]
