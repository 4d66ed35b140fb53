"""Give each sealed event the number of its block, prove the unsealed ones, and write the heads of the chains.

The record as it is at the upgrade is taken as it stands: run `verify_audit` of the earlier version before.
"""

from typing import Any

from django.db import migrations

from audit import keyed
from kit.triggers import forbid

LEAF = 40
BATCH = 1000
SENTENCE = "the audit record is append-only"
COLUMNS = (
    "id",
    "kind",
    "at",
    "actor_id",
    "actor_label",
    "hat",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "unit_id",
    "reason",
    "before",
    "after",
    "request_id",
    "address",
    "proof",
)


def allow_changes(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION IF EXISTS audit_record_is_append_only() CASCADE")
    else:
        editor.execute("DROP TRIGGER IF EXISTS audit_record_is_append_only")


def number(apps: Any, editor: Any) -> None:
    seals, chains = apps.get_model("audit", "AuditSeal"), apps.get_model("audit", "AuditChain")
    for kind in ("act", "read", "security"):
        chain = chains(kind=kind)
        for row in seals.objects.filter(chain=kind).order_by("number").iterator(chunk_size=50):
            _number_block(apps, row)
            chain.blocks, chain.last_digest = row.number, row.digest
            chain.events += row.events
            chain.dropped_blocks += bool(row.dropped_at)
        chain.proof = keyed.chain_proof_of(chain)
        chain.save()
    _prove(apps)


def _number_block(apps: Any, row: Any) -> None:
    events = apps.get_model("audit", "AuditEvent").objects
    leaves = bytes(row.leaves)
    numbers = [int.from_bytes(leaves[i : i + 8]) for i in range(0, len(leaves), LEAF)]
    row.events = len(numbers)
    if row.dropped_at:
        row.drop_proof = keyed.drop_proof_of(row)
    row.save(update_fields=["events", "drop_proof"])
    events.filter(pk__in=numbers, kind=row.chain).update(block=row.number)


def _prove(apps: Any) -> None:
    events = apps.get_model("audit", "AuditEvent").objects
    subjects = apps.get_model("audit", "AuditSubject").objects
    last = 0
    while batch := list(events.filter(block=None, id__gt=last).order_by("id")[:BATCH]):
        last = batch[-1].pk
        people: dict[int, list[int]] = {}
        for event, person in subjects.filter(event__in=batch).values_list("event_id", "person_id"):
            people.setdefault(event, []).append(person)
        for row in batch:
            row.proof = keyed.proof_of(row, people.get(row.pk, []))
        events.bulk_update(batch, ["proof"])


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_chains_and_proofs")]
    operations = [
        migrations.RunPython(allow_changes, migrations.RunPython.noop),
        migrations.RunPython(number, migrations.RunPython.noop),
        forbid("audit_auditevent", "audit_record_is_append_only", SENTENCE, columns=COLUMNS),
        forbid(
            "audit_auditevent",
            "audit_block_is_given_once",
            "an event stays in its block",
            columns=("block",),
            only_if="OLD.block IS NOT NULL",
        ),
    ]
