"""Restore a backup into an empty database and compare what came back with its manifest.

The dump is loaded in one transaction: a restore that fails leaves the database empty. Roles and their rights are not part of a
backup; `grant_app_role` or the statements of docs/operations.md give them again.
"""

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

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
from backup import archive, encryption, names, programs, writing
from backup.errors import BackupError, MayNotMakeTables, NewerProduct, NotEmpty, OtherDatabase
from backup.facts import differences, facts_of, files_of, tables_of
from backup.staging import staging
from files import storage
from kit.migration_state import missing_migrations

Say = Callable[[str], None]


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

    Raise NotEmpty, MayNotMakeTables, WrongKey, Damaged, NoMac, ForeignMac, NewerProduct, OtherDatabase, ToolFailed; nothing is
    changed then.
    """
    steps = writing.Steps()
    require_empty()
    require_owner()
    with _unpacked(path, identity, steps) as (folder, manifest):
        if not unverified:
            archive.require_mac(folder)
        require_known(manifest)
        say(f"made {manifest['made_at']} by version {manifest['product']}")
        with steps.timed("load"):
            _load(folder, jobs)
        found = Restored(manifest, steps.seconds)
        with steps.timed("compare"):
            found.differences += differences(manifest["facts"], facts_of(connection))
        with steps.timed("files"):
            found.differences += _put_files(folder, manifest)
    with steps.timed("migrate"):
        if missing := missing_migrations():
            say(f"migrating: {missing} steps are newer than the backup")
            call_command("migrate", verbosity=0)
    _check(found, steps)
    return found


def require_empty() -> None:
    """Raise NotEmpty unless the database has no table at all."""
    if tables := tables_of(connection):
        raise NotEmpty(len(tables))


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
    names.require_file(path)
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
    # Several jobs are faster and leave a part behind when they fail.
    how = [f"--jobs={jobs}"] if jobs > 1 else ["--single-transaction"]
    database = str(connection.settings_dict["NAME"])
    command = [program, "--no-owner", "--no-privileges", "--exit-on-error", *how, "-d", database, str(dump)]
    programs.run(command, env=programs.postgres_environment(connection.settings_dict))
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
    """Write the files of people to the storage; return a line for each that did not come back."""
    absent = {*manifest["missing"], *manifest["deleted"]}
    return [
        line
        for path, digest in files_of(connection)
        if path not in absent and (line := _put(folder / archive.FILES / path, path, digest))
    ]


def _put(source: Path, path: str, digest: str) -> str:
    if not source.is_file():
        return f"file {path} is not in the backup"
    if not _is_there(path, digest):
        with source.open("rb") as file:
            if storage.write(path, File(file)) != path:
                return f"file {path}: another file of this name is in the storage"
    return "" if _is_there(path, digest) else f"file {path} is not what its row says"


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
