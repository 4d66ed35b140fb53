"""Files of jobs: under random names, in a private folder, reached only through a view that knows the owner.

`default_storage` is the media folder; with several machines it is a folder they share, or object storage.
"""

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from kit.masking import mask
from kit.tables import SPOOL
from kit.texts import tidy

FOLDER = "jobs"


def store(file: "File[bytes]") -> str:
    """Store a file whole or not at all. Return the name under which it is found again. Nothing of the person's own file name is in it."""
    name = f"{FOLDER}/{uuid.uuid4().hex}"
    try:
        return str(default_storage.save(name, file))
    except BaseException:
        # A full disk or a cancel in the middle leaves no piece of it.
        default_storage.delete(name)
        raise


def shown_name(upload: "UploadedFile[Any]") -> str:
    """The file's own name, cleaned, to be shown only."""
    return mask(tidy(PurePath(upload.name or "").name)).replace("\n", " ")[-100:]


def digest_of(upload: "UploadedFile[Any]") -> str:
    total = hashlib.sha256()
    for chunk in upload.chunks():
        total.update(chunk)
    upload.seek(0)
    return total.hexdigest()


def opened(name: str) -> IO[bytes]:
    """Raise FileNotFoundError."""
    return cast("IO[bytes]", default_storage.open(name, "rb"))


@contextmanager
def on_disk(name: str) -> Iterator[Path]:
    """A path to read the file from; object storage is copied to a temporary file first."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, opened(name) as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                copy.write(block)
            copy.flush()
            yield Path(copy.name)
    else:
        yield path


@contextmanager
def being_written() -> Iterator[BinaryIO]:
    """A temporary file to write a result to, before it is kept."""
    with tempfile.TemporaryFile() as file:
        yield cast(BinaryIO, file)


def forget_spools(before: datetime) -> int:
    """Remove what a killed process left behind: temporary folders of tables, pieces of uploads. Return their number."""
    found = [*Path(tempfile.gettempdir()).glob(f"{SPOOL}*"), *Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*")]
    gone = 0
    for path in found:
        with suppress(FileNotFoundError):
            facts = path.stat()
            if facts.st_uid == os.geteuid() and facts.st_mtime < before.timestamp():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                gone += 1
    return gone


def forget(name: str) -> None:
    if name:
        default_storage.delete(name)


def strays(known: set[str], before: datetime) -> Iterator[str]:
    """Files that no job names, left by a start that was undone."""
    if not default_storage.exists(FOLDER):
        return
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if path not in known and default_storage.get_modified_time(path) < before:
            yield path
