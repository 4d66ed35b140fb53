"""Papers uploaded with a request: their type is detected from the first bytes, not from the name."""

import re
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.errors import BadProof
from accounts.models import Proof, User
from kit import clock

MAGIC = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def store(upload: "UploadedFile[Any] | None", by: User) -> Proof | None:
    """Store an uploaded paper. Raise BadProof."""
    if upload is None:
        return None
    if not upload.size or upload.size > Proof.MAX_BYTES:
        raise BadProof
    data = upload.read(Proof.MAX_BYTES + 1)
    kind = next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise BadProof
    name = re.sub(r"[^\w.\-]", "_", (upload.name or "paper"))[-100:]
    return Proof.objects.create(
        name=name, content_type=kind, data=data, uploaded_by=by, uploaded_at=clock.now()
    )
