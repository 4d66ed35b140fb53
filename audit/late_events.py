"""Events that the release before wrote without a proof, beside the processes of this one, during an upgrade from 1.0.

They are proved once, by `manage.py finish_upgrade`, and are only those between the migration that begins the proofs and that command; until
then `verify_audit` lists each. Who can write into the database could put an event among them: the command prints their numbers.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from audit import keyed
from audit.models import AuditEvent
from kit import clock

_BEGAN = ("audit", "0006_blocks_of_the_sealed")
_BATCH = 500


def began() -> datetime | None:
    """Return when the migration that begins the proofs was applied."""
    app, name = _BEGAN
    row = MigrationRecorder(connection).migration_qs.filter(app=app, name=name).first()
    return row.applied if row else None


@transaction.atomic
def prove() -> list[int]:
    """Prove the events of the release before; return their numbers."""
    since = began()
    late = AuditEvent.objects.filter(block=None, proof="", at__gte=since, at__lte=clock.now()).order_by("id")
    if since is None or not late.exists():
        return []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_record_is_append_only")
    proved: list[int] = []
    while batch := list(late[:_BATCH]):
        for row, people in keyed.with_people(batch):
            row.proof = keyed.proof_of(row, people)
        AuditEvent.objects.bulk_update(batch, ["proof"])
        proved += [row.pk for row in batch]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_record_is_append_only")
    return proved
