"""The lock of a folder: of backups, or of an embedded database while it is restored. It is no lock of the database: it holds also while that is away, and for several databases."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backup.errors import BackupError, Busy


@contextmanager
def lock_folder(folder: Path, busy: type[BackupError] = Busy) -> Iterator[None]:
    """Keep a second run out of the folder; the lock ends with the process. Raise `busy` at once instead of waiting."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.geteuid() == 0:
            # One command of root must not keep the nightly one out.
            owner = folder.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy from None
        yield
    finally:
        os.close(handle)
