"""The record is append-only: the database refuses changes."""

from django.db import migrations

from kit.triggers import forbid


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        forbid(
            "audit_auditevent", "audit_record_is_append_only", "the audit record is append-only", deletes=True
        )
    ]
