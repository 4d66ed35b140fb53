"""Write a backup: dump, files of people and manifest in one encrypted file, whole or not at all.

The database comes first. A file's bytes are written before its row and deleted after it, so that every file of the dump can be
read afterwards, but for those deleted meanwhile, which the manifest names.
"""

import dataclasses
import gzip
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ConnectionHandler

from backup import archive, archive_names, encryption, programs
from backup.errors import NoFolder, NoRecipient, NothingToBackUp
from backup.facts import Facts, Files, facts_of, files_of, has_migrations
from backup.folder_lock import lock_folder
from backup.staging import clear, staging
from files import storage
from files.models import StoredFile
from kit import clock, private_files

PART = ".part"
SQLITE = "database.sqlite3"


@dataclass
class Made:
    """A backup that was written. `missing`: files of people whose bytes were not there, or not those of their row."""

    path: Path
    size: int
    digest: str
    seconds: dict[str, float]
    missing: list[str]
    rotated: list[str] = field(default_factory=list)


def backup_to(folder: str, *, recipient: str, plain: bool = False) -> Made:
    """Write a backup into a folder and delete those that are no longer kept.

    Raise NoFolder, NoRecipient, NothingToBackUp, Busy, ToolMissing, ToolTooOld, ToolFailed.
    """
    if not folder:
        raise NoFolder
    if not recipient and not plain:
        raise NoRecipient
    recipient = "" if plain else recipient
    target = private_files.folder(Path(folder))
    with lock_folder(target):
        encryption.try_out(recipient)
        _clear(target)
        made = _write(target, recipient)
        made.rotated = archive_names.rotate(target)
    return made


def _clear(folder: Path) -> None:
    """Remove what killed runs left: half a backup, which nobody writes as the folder is locked, and what lay unencrypted in staging."""
    for path in folder.glob(f"*{PART}"):
        if archive_names.made_at(path.name.removesuffix(PART)):
            path.unlink()
    clear()


def _write(folder: Path, recipient: str) -> Made:
    path = _new_path(folder, recipient)
    part = path.with_name(path.name + PART)
    steps = Steps()
    try:
        with private_files.new_file(part) as out:
            with encryption.written_to(out, recipient) as stream:
                missing = _fill(archive.Writer(stream), steps, path.name)
            out.flush()
            os.fsync(out.fileno())
        with steps.timed("check"):
            digest = archive.digest_of(part)
        part.rename(path)
        _sync(folder)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Made(path, path.stat().st_size, digest, steps.seconds, missing)


def _new_path(folder: Path, recipient: str) -> Path:
    """Return where the new backup goes. Names are those of a second, and none takes the place of another."""
    while (path := folder / archive_names.name_of(clock.now(), encryption.ending(recipient))).exists():
        time.sleep(0.1)
    return path


def _sync(folder: Path) -> None:
    """The new name reaches the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Steps:
    """The seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 2)


def _fill(writer: archive.Writer, steps: Steps, name: str) -> list[str]:
    with staging("backup") as dump, steps.timed("database"):
        facts, rows = _dump(dump)
        writer.add_folder(dump, archive.DATABASE)
    with steps.timed("files"):
        absent = _add_files(writer, rows)
    writer.finish(
        {
            "name": name,
            "made_at": clock.now().isoformat(),
            **_versions(),
            **dataclasses.asdict(absent),
            "facts": facts,
        }
    )
    return absent.missing


def require_migrated() -> None:
    """Raise NothingToBackUp for a database that is empty, or into which a restore is going on."""
    if not has_migrations(connection):
        raise NothingToBackUp


def _versions() -> dict[str, Any]:
    made = programs.server_version() if connection.vendor == "postgresql" else sqlite3.sqlite_version
    return {"product": settings.VERSION, "database": connection.vendor, "database_version": made}


def _dump(place: Path) -> tuple[Facts, Files]:
    """Write the dump; return what it holds, and its files of people as path and digest."""
    require_migrated()
    if connection.vendor == "postgresql":
        return _dump_postgresql(place)
    return _dump_sqlite(place)


def _dump_postgresql(place: Path) -> tuple[Facts, Files]:
    """The dump and its facts are those of one snapshot."""
    program = programs.postgres_program("pg_dump")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The transaction waits for pg_dump, however long it takes.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        facts, rows = facts_of(connection), files_of(connection)
        command = [program, "-Fd", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        programs.run(
            [*command, "-f", str(place / "dump")],
            env=programs.postgres_environment(connection.settings_dict),
        )
    return facts, rows


def _dump_sqlite(place: Path) -> tuple[Facts, Files]:
    """SQLite's online backup copies a whole state while others write."""
    copy, packed = place / SQLITE, place / f"{SQLITE}.gz"
    connection.ensure_connection()
    target = sqlite3.connect(copy)
    try:
        cast(sqlite3.Connection, connection.connection).backup(target)
    finally:
        target.close()
    other = connection_to(copy)
    try:
        facts, rows = facts_of(other), files_of(other)
    finally:
        other.close()
    with copy.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as out:
        shutil.copyfileobj(source, out, archive.BLOCK)
    for path in place.glob(f"{SQLITE}*"):
        if path != packed:
            path.unlink()
    return facts, rows


def connection_to(path: Path) -> Any:
    """Return a connection of Django to another SQLite file."""
    return ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}})[
        "default"
    ]


@dataclass
class Absent:
    """Paths of files whose bytes are not in the backup as their row says: lost or changed before, or deleted meanwhile."""

    missing: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def _add_files(writer: archive.Writer, rows: Files) -> Absent:
    absent = Absent()
    for path, digest in rows:
        try:
            with storage.opened(path) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(0)
                if writer.add(f"{archive.FILES}/{path}", file, size) != digest:
                    absent.missing.append(path)
        except FileNotFoundError:
            is_lost = StoredFile.objects.present().filter(path=path).exists()
            (absent.missing if is_lost else absent.deleted).append(path)
    return absent
