"""Papers uploaded with a request: their type is detected from the content, not from the name."""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.errors import BadProof
from accounts.file_kinds import PAPER
from accounts.models import Proof, User
from files import actions
from files.errors import FileRefused
from kit import clock

# A guess: so long after the decision it may still be contested.
RETENTION_AFTER_DECISION = timedelta(days=180)


def store(upload: "UploadedFile[Any] | None", by: User) -> Proof | None:
    """Store an uploaded paper. Raise BadProof."""
    if upload is None:
        return None
    now = clock.now()
    try:
        file = actions.store(PAPER, owner_id=by.pk, upload=upload, at=now)
    except FileRefused:
        raise BadProof from None
    return Proof.objects.create(
        name=file.name, content_type=file.content_type, file=file, uploaded_by=by, uploaded_at=now
    )


def decided(proof: Proof | None, at: datetime) -> None:
    """From the decision on the paper is kept for a limited time."""
    if proof and proof.file:
        actions.keep_until(proof.file, at + RETENTION_AFTER_DECISION)
