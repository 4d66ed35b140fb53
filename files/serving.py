"""Hand out a file: to those whom its kind admits, under the type that its content showed; as a download, or as a picture in a page."""

from typing import Any

from django.http import FileResponse, Http404
from django.utils.http import content_disposition_header

from files import storage
from files.models import StoredFile
from kit.file_types import PICTURES

# Whatever a browser makes of it: nothing in a file runs, loads or reaches the site.
POLICY = "default-src 'none'; sandbox"


def deliver(file: StoredFile, *, by: Any, name: str = "") -> FileResponse:
    """Return the file to an actor (None for a visitor) and note that it was read. Raise Http404 for whom the kind does not admit."""
    response = _admitted(file, by, name)
    file.rules.note_read(file, by)
    return response


def show_picture(file: StoredFile, *, by: Any) -> FileResponse:
    """Return a picture to be shown in a page; any other file as a download. Raise Http404 as `deliver`."""
    response = _admitted(file, by, "")
    if file.content_type in PICTURES:
        response["Content-Disposition"] = content_disposition_header(False, file.name) or "inline"
    return response


def _admitted(file: StoredFile, by: Any, name: str) -> FileResponse:
    if not file.is_present or not file.rules.may_read(file, by):
        raise Http404
    try:
        return attachment(file, name)
    except FileNotFoundError:
        raise Http404 from None


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
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "private, no-store"
    return response
