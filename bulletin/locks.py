"""The locks of the bulletin app. They follow those of the accounts."""

from typing import TypeVar

from bulletin.models import Announcement, Download
from kit.locks import lock_rows

Row = TypeVar("Row", Announcement, Download)


def lock_published(row: Row) -> Row:
    """Lock an announcement or a file to download; return it as it is now."""
    lock_rows(type(row), [row.pk])
    return type(row).objects.get(pk=row.pk)
