"""Store, keep and delete files. Every file that a person sends comes through here, and every file that is made for one.

Whether the person may send a file is a rule of the app that owns its kind.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.files import File
from django.db import transaction

from audit import log
from files import storage
from files.errors import FileEmpty, FileTooLarge, NoRoom, WrongFileType
from files.models import StoredFile, new_key
from files.registry import KINDS
from kit import clock
from kit.batches import batches
from kit.file_types import named_after, type_of
from kit.masking import mask
from kit.one_by_one import one_by_one
from kit.outages import NO_SPACE
from kit.sentence_parts import listed
from kit.texts import tidy

logger = logging.getLogger(__name__)

# What no row names after a day was left by an act that was undone.
STRAY_AFTER = timedelta(hours=24)
# A row without its bytes, as evidence.
REMEMBERED = timedelta(days=400)


def shown_name(name: str | None) -> str:
    """The file's own name, cleaned, to be shown only."""
    return mask(tidy(PurePath(name or "").name)).replace("\n", " ")[-100:]


def check(kind: str, file: "File[Any]") -> str:
    """Return the type that the content shows. Raise FileEmpty, FileTooLarge, WrongFileType."""
    rules = KINDS[kind]
    if not file.size:
        raise FileEmpty
    if file.size > rules.max_bytes:
        raise FileTooLarge(most=rules.megabytes)
    found = type_of(file)
    if found is None or found not in rules.types:
        raise WrongFileType(types=listed(rules.endings).upper())
    return found


@transaction.atomic
def store(kind: str, *, owner_id: int, upload: "File[Any]", at: datetime | None = None) -> StoredFile:
    """Store a file that a person sent, as its kind prepares it, with an ending of its type.

    Raise FileEmpty, FileTooLarge, WrongFileType, NoRoom and what the kind refuses.
    """
    content_type = check(kind, upload)
    kept = KINDS[kind].prepare(content_type, upload)
    name = named_after(content_type, shown_name(upload.name))
    return _save(kind, owner_id, kept, name, content_type, at or clock.now())


@transaction.atomic
def store_made(
    kind: str, *, owner_id: int, file: "File[Any]", name: str, content_type: str, at: datetime | None = None
) -> StoredFile:
    """Store a file that the application made itself."""
    return _save(kind, owner_id, file, name[-100:], content_type, at or clock.now())


def _save(
    kind: str, owner_id: int, file: "File[Any]", name: str, content_type: str, now: datetime
) -> StoredFile:
    key, keep = new_key(), KINDS[kind].keep
    size, digest = file.size, storage.digest_of(file)
    return StoredFile.objects.create(
        key=key,
        kind=kind,
        owner_id=owner_id,
        name=name,
        content_type=content_type,
        size=size,
        digest=digest,
        path=_written(f"{kind}/{key}", file),
        created_at=now,
        keep_until=now + keep if keep else None,
    )


def _written(path: str, file: "File[Any]") -> str:
    """Write the bytes; return their path. Raise NoRoom."""
    try:
        return storage.write(path, file)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise NoRoom from error
        raise


def keep_until(file: StoredFile, until: datetime) -> None:
    """From then on the file is deleted by `expire`."""
    file.keep_until = until
    file.save(update_fields=["keep_until"])


@transaction.atomic
def delete(file: StoredFile, *, by: log.Acting | None = None, at: datetime | None = None) -> bool:
    """Delete the bytes after the commit and keep the row; return whether they were there. A crash in between leaves a stray."""
    now = at or clock.now()
    if not StoredFile.objects.present().filter(pk=file.pk).update(deleted_at=now):
        return False
    file.deleted_at = now
    kind = KINDS.get(file.kind)
    if kind is None or kind.records_end:
        log.record("file.delete", file, by=by, after={"kind": file.kind, "digest": file.digest})
    transaction.on_commit(partial(storage.remove, file.path))
    return True


def expire(at: datetime | None = None) -> dict[str, int]:
    """Delete the files whose time is over, the files that no row names, and the rows of files deleted long ago. Safe to run twice.

    A file that fails keeps no other from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    now, counts = at or clock.now(), {"deleted": 0, "strays": 0, "forgotten": 0}
    with one_by_one(logger, "files could not be deleted") as turn:
        for file in StoredFile.objects.outlived(now):
            with turn(f"file {file.pk}"):
                counts["deleted"] += delete(file, at=now)
        with turn("rows of deleted files"):
            rows = StoredFile.objects.filter(deleted_at__lt=now - REMEMBERED)
            kinds = [name for name, kind in KINDS.items() if not kind.records_end]
            counts["forgotten"] = rows.filter(kind__in=kinds).delete()[0]
        with turn("strays"):
            counts["strays"] = _remove_strays(now)
    return counts


def _remove_strays(now: datetime) -> int:
    gone = 0
    for piece in batches(list(storage.older_than(now - STRAY_AFTER)), 500):
        known = set(StoredFile.objects.present().filter(path__in=piece).values_list("path", flat=True))
        for path in set(piece) - known:
            storage.remove(path)
            gone += 1
    return gone
