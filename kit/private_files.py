"""Folders and files that the other accounts of a machine must not read: uploads, mail on disk, the SQLite file, the secret."""

import os
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def folder(path: Path) -> Path:
    """Make the folder, or close an open one that is ours, for its owner alone."""
    path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    _close(path, FOLDER_MODE)
    return path


def file(path: Path, content: str = "") -> Path:
    """Make the file with `content`, or close an open one that is ours; what is in it stays."""
    try:
        made = new_file(path)
    except FileExistsError:
        _close(path, FILE_MODE)
        return path
    try:
        with made:
            made.write(content.encode())
    except OSError:
        # Such as a full disk: the next try would take the empty file for the content.
        path.unlink()
        raise
    return path


def new_file(path: Path) -> BinaryIO:
    """Open a file that is not there yet, to be written, for its owner alone. Raise FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb")


def _close(path: Path, mode: int) -> None:
    found = path.stat()
    if found.st_uid == os.geteuid() and found.st_mode & 0o777 & ~mode:
        path.chmod(found.st_mode & mode)
