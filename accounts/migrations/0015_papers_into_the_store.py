import hashlib
import uuid
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import migrations

# As accounts.actions.proofs does from now on: so long after the decision.
KEPT = timedelta(days=180)


def store(apps, schema_editor):
    """Move each paper from its column into the store of files; one without content has none."""
    Proof = apps.get_model("accounts", "Proof")
    StoredFile = apps.get_model("files", "StoredFile")
    decided = _decisions(apps)
    for proof in Proof.objects.filter(file=None).iterator(chunk_size=20):
        data = bytes(proof.data or b"")
        if not data:
            continue
        key = uuid.uuid4().hex
        proof.file = StoredFile.objects.create(
            key=key,
            kind="papers",
            owner_id=proof.uploaded_by_id,
            name=proof.name,
            content_type=proof.content_type,
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            path=default_storage.save(f"papers/{key}", ContentFile(data)),
            created_at=proof.uploaded_at,
            keep_until=decided[proof.pk] + KEPT if proof.pk in decided else None,
        )
        proof.save(update_fields=["file"])


def _decisions(apps):
    """Return when the request of a paper was decided, by the paper."""
    return {
        pk: at
        for name in ("AccountApplication", "IdentityChange")
        for pk, at in apps.get_model("accounts", name)
        .objects.filter(proof__isnull=False, decided_at__isnull=False)
        .values_list("proof", "decided_at")
    }


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_papers_name_their_file")]

    operations = [migrations.RunPython(store, migrations.RunPython.noop)]
