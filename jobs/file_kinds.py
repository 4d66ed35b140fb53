"""Files of background work: tables, for their owner alone. A job's files are deleted with it (`jobs.runner.expire`)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from files.models import StoredFile
from files.registry import FileKind
from kit.file_types import TABLES
from kit.tables.file_check import MAX_BYTES
from notices.readers import READERS

KIND = "jobs"


def may_read(file: StoredFile, by: Any) -> bool:
    if by is None or by.person_id is None:
        return False
    return StoredFile.objects.filter(pk=file.pk, owner_id__in=READERS.records_of(by.person_id)).exists()


KINDS = {
    KIND: FileKind(_("file of background work"), TABLES, MAX_BYTES, may_read, records_end=False),
}
