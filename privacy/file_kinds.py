"""The copy of one's own data: for its person alone, for seven days."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.queries.persons import is_record_of
from files.models import StoredFile
from files.registry import MEGABYTE, FileKind

KIND = "own_data"
COPY_RETENTION = timedelta(days=7)
TYPE = "application/zip"


def may_read(file: StoredFile, by: Any) -> bool:
    return by is not None and is_record_of(file.owner_id, by.person_id)


# Nobody sends such a file: it takes no type.
KINDS = {
    KIND: FileKind(_("copy of one's own data"), frozenset(), 200 * MEGABYTE, may_read, keep=COPY_RETENTION)
}
