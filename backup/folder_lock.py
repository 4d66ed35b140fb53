"""The lock of a folder of backups. It is no lock of the database: it holds also while that is away, and for several databases."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backup.errors import Busy


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Keep a second backup out of the folder; the lock ends with the process. Raise Busy at once instead of waiting."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield
    finally:
        os.close(handle)
