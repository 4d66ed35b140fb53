"""The kinds of files. Each app registers its own in `<app>/file_kinds.py`: what may be sent, who may read it, how long it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from kit.file_types import ENDINGS
from kit.registry import Registry

if TYPE_CHECKING:
    from django.core.files import File

    from files.models import StoredFile

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class FileKind:
    """`prepare(type, file)` returns what is kept of an upload, or refuses it. `may_read(file, by)`: whether an actor (None for a visitor) may take the file; `note_read` records that one does.

    `types` are content types of `kit.file_types`. `keep` is how long a file is kept from its upload on; None where the app names
    the day (`files.actions.keep_until`) or deletes the file itself. `records_end`: its deletion is written to the record.
    """

    label: Promise
    types: frozenset[str]
    max_bytes: int
    may_read: Callable[["StoredFile", Any], bool]
    note_read: Callable[["StoredFile", Any], None] = lambda _file, _by: None
    prepare: "Callable[[str, File[Any]], File[Any]]" = lambda _type, file: file
    keep: timedelta | None = None
    records_end: bool = True

    @property
    def megabytes(self) -> int:
        return self.max_bytes // MEGABYTE

    @property
    def endings(self) -> list[str]:
        """The usual ends of names of the types, for a sentence and for the file chooser."""
        return [ending for name, ending in ENDINGS.items() if name in self.types]

    @property
    def accept(self) -> str:
        """The value of the attribute `accept` of a form's field."""
        return ",".join(f".{ending}" for ending in self.endings)


KINDS: Registry[FileKind] = Registry("kind of file")
