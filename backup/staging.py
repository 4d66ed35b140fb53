"""The folders in which a backup is written and a restore unpacks, each locked by its run: whatever is not locked was left by a killed one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from kit import private_files


def root() -> Path:
    return private_files.folder(settings.VAR_DIR / "staging")


@contextmanager
def staging(kind: str) -> Iterator[Path]:
    """A folder for one run, deleted with it. What it holds is unencrypted."""
    with _one_at_a_time():
        folder = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=root()))
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def clear() -> None:
    """Delete what killed backups and restores left; a run that lives keeps its folder.

    What another account of the machine left, or a run deletes at the moment, is no reason to make no backup.
    """
    with _one_at_a_time():
        for folder in root().iterdir():
            with suppress(BlockingIOError, FileNotFoundError, NotADirectoryError, PermissionError):
                _delete(folder)


def _delete(folder: Path) -> None:
    """Delete a folder. Raise BlockingIOError while its run lives."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep others from clearing while a new folder has no lock yet.

    The folder itself is locked: a file beside it could belong to root, after one command of it, and keep the nightly backup out.
    """
    handle = os.open(root(), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
