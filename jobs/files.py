"""Files of jobs: what was uploaded for one and what one made, in the one store of files (`files.actions`), by the path that the job names."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile

from files import actions
from files.models import StoredFile
from jobs.file_kinds import KIND
from jobs.models import Job
from kit.tables import SPOOL


def store_upload(upload: "UploadedFile[Any]", owner_id: int) -> StoredFile:
    """Store the file that a job works on. Raise FileEmpty, FileTooLarge, WrongFileType."""
    return actions.store(KIND, owner_id=owner_id, upload=upload)


def store_result(file: BinaryIO, *, owner_id: int, name: str, content_type: str) -> str:
    """Store what a job made; return the path by which it is found again."""
    made = actions.store_made(KIND, owner_id=owner_id, file=File(file), name=name, content_type=content_type)
    return made.path


def result_of(job: Job) -> StoredFile | None:
    return StoredFile.objects.present().filter(path=job.result_file).first()


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


def forget(path: str) -> None:
    """Delete the file of that path, if it is still there."""
    if found := StoredFile.objects.present().filter(path=path).first():
        actions.delete(found)


def forget_unnamed(before: datetime) -> int:
    """Delete the files that no job names any more: a worker died between storing one and saving its row. Return their number."""
    named = Job.objects.filter(expired_at=None)
    left = StoredFile.objects.present().filter(kind=KIND, created_at__lt=before)
    left = left.exclude(path__in=named.values("input_file")).exclude(path__in=named.values("result_file"))
    return sum(actions.delete(file) for file in left)
