"""Hand out a file: to those whom its kind admits, always as a download, under the type that its content showed."""

from typing import Any

from django.http import FileResponse, Http404

from files import storage
from files.models import StoredFile


def deliver(file: StoredFile, *, by: Any, name: str = "") -> FileResponse:
    """Return the file to an actor (None for a visitor) and note that it was read. Raise Http404 for whom the kind does not admit."""
    if not file.is_present or not file.rules.may_read(file, by):
        raise Http404
    try:
        response = attachment(file, name)
    except FileNotFoundError:
        raise Http404 from None
    file.rules.note_read(file, by)
    return response


def attachment(file: StoredFile, name: str = "") -> FileResponse:
    """Return the file as a download that no browser takes for another type. Raise FileNotFoundError."""
    response = FileResponse(
        storage.opened(file.path),
        as_attachment=True,
        filename=name or file.name,
        content_type=file.content_type,
    )
    response["Content-Length"] = str(file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
