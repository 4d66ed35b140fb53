"""The files to download, and the pages to which they are sent."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from bulletin.models import Download
from bulletin.queries.recipients import Reader
from bulletin.rules import publishes_for
from files.models import StoredFile
from files.registry import MEGABYTE, FileKind
from kit.file_types import CSV, DOCUMENTS, PICTURES

DOWNLOAD = "downloads"
MOST = 20 * MEGABYTE
# With room for the rest of the form.
UPLOADS = dict.fromkeys(("bulletin:add_download", "bulletin:edit_download"), MOST + MEGABYTE)


def may_read(file: StoredFile, by: Any) -> bool:
    """Return whether the file is offered to the person, or is kept by the hat."""
    row = Download.objects.filter(file=file, ended_at=None).select_related("county").first()
    if row is None:
        return False
    if by is not None and publishes_for(by, row.county):
        return True
    return row.phase == "shown" and Reader(by).reads(row)


KINDS = {DOWNLOAD: FileKind(_("file to download"), DOCUMENTS | PICTURES | {CSV}, MOST, may_read)}
