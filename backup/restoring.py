"""Restore a backup into an empty database and compare what came back with its manifest.

The files of people come first, then the dump in one transaction: a restore that fails or is killed leaves the database empty or whole.
Roles and their rights are not part of a backup; `grant_app_role` or the statements of docs/operations.md give them again.
"""

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse

from accounts.actions import key_canaries
from accounts.enums import Role
from accounts.models import BusinessAccount, User
from audit import verification
from backup import archive, archive_names, encryption, programs, writing
from backup.errors import (
    BackupError,
    MayNotMakeTables,
    NewerProduct,
    NotEmpty,
    OtherDatabase,
    OtherName,
    RestoreRuns,
)
from backup.facts import differences, facts_of, files_of, tables_of
from backup.folder_lock import lock_folder
from backup.locks import hold_number, let_go_number
from backup.staging import clear, staging
from files import storage
from kit.migration_state import missing_migrations

Say = Callable[[str], None]
# The number of the lock of a restore, beyond those of drills.
RESTORE = 1 << 48
# How pg_restore lists the rows of the migrations.
MIGRATIONS = " TABLE DATA public django_migrations "


@dataclass
class Restored:
    """`differences` is empty when everything came back. `later`: blocks of the record that were sealed after the backup."""

    manifest: dict[str, Any]
    seconds: dict[str, float]
    differences: list[str] = field(default_factory=list)
    later: int = 0


def restore(
    path: Path,
    *,
    identity: str = "",
    jobs: int = 0,
    unverified: bool = False,
    say: Say = lambda _line: None,
) -> Restored:
    """Restore a backup, with `unverified` also one whose MAC is missing or of another key.

    Raise NotEmpty, RestoreRuns, MayNotMakeTables, WrongKey, Damaged, NoMac, ForeignMac, OtherName, NewerProduct, OtherDatabase,
    ToolFailed; no row is there then.
    """
    steps = writing.Steps()
    require_empty()
    require_owner()
    # What a killed restore left fills the disk on which this one unpacks.
    clear()
    with alone(), _unpacked(path, identity, steps) as (folder, manifest):
        if not unverified:
            archive.require_mac(folder)
            require_name(path.name, manifest)
        require_known(manifest)
        say(f"made {manifest['made_at']} by version {manifest['product']}")
        found = Restored(manifest, steps.seconds)
        with steps.timed("files"):
            found.differences += _put_files(folder, manifest)
        with steps.timed("load"):
            # The program of a killed restore may have ended its work meanwhile.
            require_empty()
            _load(folder, jobs)
        with steps.timed("compare"):
            found.differences += differences(manifest["facts"], facts_of(connection))
            found.differences += _compare_files(manifest)
    with steps.timed("migrate"):
        if missing := missing_migrations():
            say(f"migrating: {missing} of the migrations are newer than the backup")
            call_command("migrate", verbosity=0)
    _check(found, steps)
    return found


def require_empty() -> None:
    """Raise NotEmpty unless the database has no table at all."""
    if tables := tables_of(connection):
        raise NotEmpty(len(tables))


@contextmanager
def alone() -> Iterator[None]:
    """Keep a second restore out of the database. Raise RestoreRuns at once instead of waiting."""
    if connection.vendor != "postgresql":
        with lock_folder(settings.VAR_DIR, RestoreRuns):
            yield
        return
    if not hold_number(RESTORE):
        raise RestoreRuns
    try:
        yield
    finally:
        let_go_number(RESTORE)


def require_name(name: str, manifest: dict[str, Any]) -> None:
    """Raise OtherName for a backup under the name of another one. A name of one's own choice is no claim."""
    made = manifest.get("name", name)
    if archive_names.made_at(name) and made != name:
        raise OtherName(name, made)


def require_owner() -> None:
    """Raise MayNotMakeTables for a role that PostgreSQL would refuse at the first table, in words of its own."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        if not cursor.fetchone()[0]:
            raise MayNotMakeTables


@contextmanager
def _unpacked(path: Path, identity: str, steps: writing.Steps) -> Iterator[tuple[Path, dict[str, Any]]]:
    archive_names.require_file(path)
    if not path.name.endswith(encryption.ENDINGS):
        raise BackupError(f"{path.name} is no backup: their names end in {', '.join(encryption.ENDINGS)}.")
    with staging("restore") as place:
        with steps.timed("unpack"), encryption.opened(path, identity) as stream:
            manifest = archive.unpack(stream, place)
        yield place, manifest


def require_known(manifest: dict[str, Any]) -> None:
    """Raise OtherDatabase, NewerProduct: this version could not read what the backup holds."""
    if manifest["database"] != connection.vendor:
        raise OtherDatabase(manifest["database"], connection.vendor)
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    ours = {name.partition(".")[0] for name in known}
    if any(name not in known and name.partition(".")[0] in ours for name in manifest["facts"]["migrations"]):
        raise NewerProduct(manifest["product"], settings.VERSION)


def _load(folder: Path, jobs: int) -> None:
    if connection.vendor == "postgresql":
        _load_postgresql(folder / archive.DATABASE / "dump", jobs)
    else:
        _load_sqlite(folder / archive.DATABASE / f"{writing.SQLITE}.gz")


def _load_postgresql(dump: Path, jobs: int) -> None:
    program = programs.postgres_program("pg_restore")
    database = str(connection.settings_dict["NAME"])
    words = [program, "--no-owner", "--no-privileges", "--exit-on-error", "-d", database]
    env = programs.postgres_environment(connection.settings_dict)
    if jobs > 1:
        # They are faster and leave a part behind when they fail. Without its migrations no process takes that for a database of the site.
        listed = programs.output([program, "--list", str(dump)], env=env).splitlines()
        last = [line for line in listed if MIGRATIONS in line]
        rest, end = dump.with_name("rest.list"), dump.with_name("last.list")
        rest.write_text("\n".join(line for line in listed if line not in last))
        end.write_text("\n".join(last))
        programs.run([*words, f"--jobs={jobs}", f"--use-list={rest}", str(dump)], env=env)
        programs.run([*words, "--single-transaction", f"--use-list={end}", str(dump)], env=env)
    else:
        programs.run([*words, "--single-transaction", str(dump)], env=env)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _load_sqlite(packed: Path) -> None:
    copy = packed.with_suffix("")
    with gzip.open(packed, "rb") as source, copy.open("wb") as out:
        shutil.copyfileobj(source, out, archive.BLOCK)
    connection.ensure_connection()
    origin = sqlite3.connect(copy)
    try:
        origin.backup(cast(sqlite3.Connection, connection.connection))
    finally:
        origin.close()


def _put_files(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Write the files of people to the storage; return a line for each that could not be written."""
    return [line for path, digest in _files(manifest).items() if (line := _put(folder, path, digest))]


def _files(manifest: dict[str, Any]) -> dict[str, str]:
    """Return path and digest of the files of people in a backup, but for those whose bytes were not those of their row."""
    absent, prefix = {*manifest["missing"], *manifest["deleted"]}, f"{archive.FILES}/"
    members = manifest["digests"].items()
    found = {name.removeprefix(prefix): digest for name, digest in members if name.startswith(prefix)}
    return {path: digest for path, digest in found.items() if path not in absent}


def _put(folder: Path, path: str, digest: str) -> str:
    if _is_there(path, digest):
        return ""
    with (folder / archive.FILES / path).open("rb") as file:
        if not _remove_piece(path, file) or storage.write(path, File(file)) != path:
            return f"file {path}: another file of this name is in the storage"
    return "" if _is_there(path, digest) else f"file {path} is not what was written"


def _remove_piece(path: str, file: BinaryIO) -> bool:
    """Remove what a killed restore wrote of a file; return whether the name is free."""
    try:
        with storage.opened(path) as left:
            is_piece = all(
                block == file.read(len(block)) for block in iter(lambda: left.read(archive.BLOCK), b"")
            )
    except FileNotFoundError:
        return True
    file.seek(0)
    if is_piece:
        storage.remove(path)
    return is_piece


def _compare_files(manifest: dict[str, Any]) -> list[str]:
    """Return a line for each row of a file whose bytes the backup does not have."""
    there, absent = _files(manifest), {*manifest["missing"], *manifest["deleted"]}
    return [
        f"file {path} is not what its row says" if path in there else f"file {path} is not in the backup"
        for path, digest in files_of(connection)
        if path not in absent and there.get(path) != digest
    ]


def _is_there(path: str, digest: str) -> bool:
    try:
        with storage.opened(path) as file:
            return storage.digest_of(File(file)) == digest
    except FileNotFoundError:
        return False


def _check(found: Restored, steps: writing.Steps) -> None:
    """Whether the keys are those of this data, the record is whole, and a person can log in."""
    with steps.timed("keys"):
        found.differences += [f"{name} is not the key of this data" for name in key_canaries.wrong()]
    with steps.timed("seals"):
        breaches = verification.verify()
        # The witness outlives the database: what it knows beyond the backup is the loss of these hours.
        later = [breach for breach in breaches if breach.what == verification.NOT_HERE]
        found.later = len(later)
        found.differences += [f"record: {breach}" for breach in breaches if breach not in later]
    with steps.timed("log-in"):
        found.differences += try_log_in()


def try_log_in() -> list[str]:
    """Log a person in, request a page of theirs, and undo both; return what went wrong."""
    people = User.objects.filter(is_active=True)
    held = BusinessAccount.objects.active().order_by("pk")
    account = held.filter(role=Role.OPERATOR).first() or held.first()
    person = people.filter(pk=account.user_id).first() if account else people.order_by("pk").first()
    if person is None:
        return ["nobody can log in: there is no active person"] if User.objects.exists() else []
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "localhost"
    with transaction.atomic():
        client = Client(SERVER_NAME="localhost" if host == "*" else host)
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        # Data only: the style sheet may not be collected yet.
        status = client.get(reverse("api:my_hours"), secure=settings.HTTPS).status_code
        transaction.set_rollback(True)
    return [] if status == 200 else [f"log-in of a sample person: status {status}"]
