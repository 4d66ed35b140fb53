"""The copy of one's own data: for its person alone, for seven days."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.queries.persons import persons_of
from files.models import StoredFile
from files.registry import MEGABYTE, FileKind

KIND = "own_data"
KEPT = timedelta(days=7)
TYPE = "application/zip"


def may_read(file: StoredFile, by: Any) -> bool:
    if by is None or by.person_id is None:
        return False
    return file.owner_id == by.person_id or persons_of(by.person_id).filter(pk=file.owner_id).exists()


# Nobody sends such a file: it takes no type.
KINDS = {KIND: FileKind(_("copy of one's own data"), frozenset(), 200 * MEGABYTE, may_read, keep=KEPT)}
