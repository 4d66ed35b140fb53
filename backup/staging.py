"""The folders in which a backup is written and a restore unpacks, each locked by its run: whatever is not locked was left by a killed one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from django.conf import settings

from kit import private_files

SHORT = "inservice-backup-"


def root() -> Path:
    return private_files.folder(settings.VAR_DIR / "staging")


@contextmanager
def staging(kind: str) -> Iterator[Path]:
    """A folder for one run, deleted with it. What it holds is unencrypted."""
    with _held(root(), kind) as folder:
        yield folder


@contextmanager
def short(kind: str) -> Iterator[Path]:
    """A folder for one run like those of `staging`, whose path is short: the agent of GnuPG listens on a socket in it."""
    with _held(Path(tempfile.gettempdir()), f"{SHORT}{kind}") as folder:
        yield folder


@contextmanager
def _held(place: Path, kind: str) -> Iterator[Path]:
    with ExitStack() as run:
        # Nobody clears while the new folder has no lock yet.
        with _locked(root()):
            folder = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=place))
            run.enter_context(_locked(folder))
        run.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def clear() -> None:
    """Delete what killed backups, restores and drills left; a run that lives keeps its folder.

    What another account of the machine left, or a run deletes at the moment, is no reason to make no backup.
    """
    with _locked(root()):
        for folder in [*root().iterdir(), *Path(tempfile.gettempdir()).glob(f"{SHORT}*")]:
            with (
                suppress(BlockingIOError, FileNotFoundError, NotADirectoryError, PermissionError),
                _locked(folder, fcntl.LOCK_NB),
            ):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    """Lock a folder. With LOCK_NB raise BlockingIOError while another run has it.

    The folder itself is locked: a file beside it could belong to root, after one command of it, and keep the nightly backup out.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(handle)
