"""The record stays append-only, and PostgreSQL lets an event go only when it has outlived the shortest time it must be kept."""

from typing import Any

from django.db import migrations

from kit.triggers import forbid

KEEP = """
CREATE OR REPLACE FUNCTION audit_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (OLD.at > now() - CASE WHEN OLD.kind = 'security' THEN interval '390 days' ELSE interval '1820 days' END) THEN
    RAISE EXCEPTION 'the record is append-only' USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$
"""


def keep(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(KEEP)
        editor.execute(
            "CREATE OR REPLACE TRIGGER audit_event_is_kept BEFORE DELETE ON audit_auditevent"
            " FOR EACH ROW EXECUTE FUNCTION audit_event_is_kept()"
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seals_and_people")]
    operations = [
        forbid("audit_auditevent", "audit_record_is_append_only", "the audit record is append-only"),
        forbid("audit_auditsubject", "audit_subject_is_append_only", "the record is append-only"),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
