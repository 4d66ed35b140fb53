"""The bytes: written whole or not at all to `STORAGES["default"]`, which all machines share.

That is a private folder (`MEDIA_DIR`), or object storage when the settings name another backend.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.core.files import File
from django.core.files.storage import default_storage

from files.registry import KINDS


def write(path: str, file: "File[bytes]") -> str:
    """Store a file whole or not at all. Return the name under which it is found again."""
    try:
        return str(default_storage.save(path, file))
    except BaseException:
        # A full disk or a cancel in the middle leaves no piece of it.
        default_storage.delete(path)
        raise


def remove(path: str) -> None:
    default_storage.delete(path)


def opened(path: str) -> IO[bytes]:
    """Raise FileNotFoundError."""
    return cast("IO[bytes]", default_storage.open(path, "rb"))


@contextmanager
def on_disk(path: str) -> Iterator[Path]:
    """A path to read the file from; object storage is copied to a temporary file first."""
    try:
        found = Path(default_storage.path(path))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, opened(path) as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                copy.write(block)
            copy.flush()
            yield Path(copy.name)
    else:
        yield found


def digest_of(file: "File[bytes]") -> str:
    total = hashlib.sha256()
    for chunk in file.chunks():
        total.update(chunk)
    file.seek(0)
    return total.hexdigest()


def older_than(before: datetime) -> Iterator[str]:
    """The paths of the files of every kind that were written before."""
    for folder in sorted(KINDS):
        if not default_storage.exists(folder):
            continue
        for name in default_storage.listdir(folder)[1]:
            path = f"{folder}/{name}"
            if default_storage.get_modified_time(path) < before:
                yield path
