"""A backup is whole or absent, opens with its key only, and a restore brings everything back or says what it did not."""

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.models import User
from audit import log, seal
from audit.models import AuditEvent
from backup import archive, archive_names, drill, encryption, facts, programs, restoring, runs, writing
from backup.errors import (
    BackupError,
    Busy,
    Damaged,
    ForeignMac,
    NewerProduct,
    NoFolder,
    NoMac,
    NoRecipient,
    OtherDatabase,
    ToolFailed,
    WrongKey,
)
from backup.folder_lock import lock_folder
from backup.models import Run
from files import actions as files
from files.models import StoredFile
from tests.factories import acting, close, make_course, make_enrolment, make_operator
from tests.servers import postgres_programs


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
    }
    if connection.vendor == "postgresql":
        settings.PG_PROGRAMS = str(postgres_programs())


@pytest.fixture(scope="session")
def keys() -> Iterator[Callable[[str], Path]]:
    """Key pairs by name. The path is short: GnuPG's agent listens on a socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    made: dict[str, Path] = {}

    def key(name: str) -> Path:
        made.setdefault(name, folder / name / "public.asc")
        return made[name] if made[name].exists() else drill.make_key(folder / name)

    yield key
    for name in made:
        subprocess.run(["gpgconf", "--homedir", str(folder / name), "--kill", "all"], check=False)
    shutil.rmtree(folder)


@pytest.fixture
def home(keys: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of GnuPG that holds the private key."""
    folder = keys("own").parent
    monkeypatch.setenv("GNUPGHOME", str(folder))
    return folder


def fill() -> StoredFile:
    """People, a closed course with hours, a sealed record and a file."""
    operator = make_operator()
    course = make_course(ago=3)
    make_enrolment(course)
    close(course)
    log.record("person.changed", operator.user, by=acting(operator))
    seal.seal_all()
    upload = ContentFile(b"%PDF-1.4 paper", name="paper.pdf")
    return files.store_made(
        "jobs", owner_id=operator.user_id, file=upload, name="paper.pdf", content_type="application/pdf"
    )


def members(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write an unencrypted archive anew with other members; None leaves one out."""
    other = path.with_name("changed.tar")
    with tarfile.open(path) as old, tarfile.open(other, "w") as new:
        for member in old:
            source = old.extractfile(member)
            content = change(member.name, source.read() if source else b"")
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return other


def with_manifest(path: Path, **facts: Any) -> Path:
    def change(name: str, content: bytes) -> bytes:
        return json.dumps(json.loads(content) | facts).encode() if name == archive.MANIFEST else content

    return members(path, change)


def manifest_of(path: Path) -> dict[str, Any]:
    with tarfile.open(path) as tar:
        member = tar.extractfile(archive.MANIFEST)
        assert member
        return dict(json.loads(member.read()))


# --- Writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_backup_names_its_rows_hours_seals_and_files_and_is_recorded(settings: Any, tmp_path: Path) -> None:
    file = fill()
    said = io.StringIO()
    call_command("backup", to=str(tmp_path / "b"), plain=True, stdout=said)
    (path,) = archive_names.backups_in(tmp_path / "b")
    found = manifest_of(path)
    assert found["facts"]["tables"]["accounts_user"] == User.objects.count()
    assert found["facts"]["hours"] == "3.0" and found["facts"]["seals"]["act"][0] == 1
    assert found["digests"][f"files/{file.path}"] == file.digest and found["missing"] == []
    assert path.stat().st_mode & 0o077 == 0
    run = Run.objects.get()
    assert (run.name, run.size, run.error) == (path.name, path.stat().st_size, "")
    assert AuditEvent.objects.filter(action="backup.made").count() == 1 and path.name in said.getvalue()
    assert not list((settings.VAR_DIR / "staging").iterdir())
    text = path.read_bytes()
    assert not any(
        key.encode() in text for key in (settings.SECRET_KEY, settings.AUDIT_KEY, settings.ID_PEPPER)
    )


@pytest.mark.django_db(transaction=True)
def test_lost_and_deleted_files_are_named_and_stop_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, changed, gone = fill(), fill(), fill()
    folder = tmp_path / "media"
    (folder / lost.path).unlink()
    (folder / changed.path).write_bytes(b"other")
    add = writing._add_files

    def delete_first(*args: Any) -> Any:
        files.delete(gone)
        return add(*args)

    monkeypatch.setattr(writing, "_add_files", delete_first)
    made = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True)
    assert made.missing == [lost.path, changed.path] and manifest_of(made.path)["deleted"] == [gone.path]


@pytest.mark.django_db
def test_nothing_is_written_without_a_key_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NoRecipient):
        writing.backup_to(str(tmp_path / "b"), recipient="")
    with pytest.raises(NoFolder):
        writing.backup_to("", recipient="", plain=True)
    with pytest.raises(CommandError, match="BACKUP_RECIPIENT"):
        call_command("backup", to=str(tmp_path / "b"))
    assert Run.objects.get().error and not (tmp_path / "b").exists()


@pytest.mark.django_db
def test_a_private_key_or_an_unknown_one_is_refused_before_the_work(tmp_path: Path, home: Path) -> None:
    private = tmp_path / "private.asc"
    words = ["gpg", "--homedir", str(home), "--batch", "--armor", "--export-secret-keys"]
    private.write_bytes(subprocess.run(words, check=True, capture_output=True).stdout)
    with pytest.raises(Exception, match="holds a private key"):
        writing.backup_to(str(tmp_path / "b"), recipient=str(private))
    private.write_text("\n")
    with pytest.raises(BackupError, match="is empty: write the public key there"):
        writing.backup_to(str(tmp_path / "b"), recipient=str(private))
    with pytest.raises(ToolFailed, match="gpg failed"):
        writing.backup_to(str(tmp_path / "b"), recipient="nobody@example.invalid")
    assert not list((tmp_path / "b").glob("inservice*"))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_refused_and_what_a_killed_one_left_goes(tmp_path: Path, settings: Any) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    left = folder / f"inservice-20260101T000000Z.tar{writing.PART}"
    left.write_bytes(b"half")
    staged = settings.VAR_DIR / "staging" / "backup-old"
    staged.mkdir(parents=True)
    with lock_folder(folder), pytest.raises(Busy):
        writing.backup_to(str(folder), recipient="", plain=True)
    assert left.exists()
    writing.backup_to(str(folder), recipient="", plain=True)
    assert not left.exists() and not staged.exists()
    assert len(archive_names.backups_in(folder)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(archive.Writer, "finish", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", to=str(tmp_path / "b"), plain=True)
    assert not list((tmp_path / "b").glob("inservice*")) and "No space" in Run.objects.get().error


def test_the_newest_of_each_day_week_and_month_is_kept(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY, settings.BACKUP_KEEP_MONTHLY = 3, 2, 2
    first = datetime(2026, 9, 1, 2, tzinfo=UTC)
    for number in range(160):
        (tmp_path / archive_names.name_of(first + number * timedelta(hours=12), ".tar.gpg")).touch()
    (tmp_path / "notes.txt").touch()
    archive_names.rotate(tmp_path)
    days = [path.name[10:21] for path in archive_names.backups_in(tmp_path)]
    # The last three days, the last two weeks (the second ends on Sunday the 15th), the last two months.
    assert days == ["20261119T14", "20261118T14", "20261117T14", "20261115T14", "20261031T14"]
    assert (tmp_path / "notes.txt").exists()


def test_the_very_newest_is_kept_whatever_the_settings_say(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_KEEP_DAILY = settings.BACKUP_KEEP_WEEKLY = settings.BACKUP_KEEP_MONTHLY = 0
    for day in (1, 2):
        (tmp_path / archive_names.name_of(datetime(2026, 9, day, tzinfo=UTC), ".tar")).touch()
    assert archive_names.rotate(tmp_path) == ["inservice-20260901T000000Z.tar"]
    assert len(archive_names.backups_in(tmp_path)) == 1


@pytest.mark.django_db
def test_an_older_pg_dump_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'\n")
    program.chmod(0o700)
    settings.PG_PROGRAMS = str(tmp_path)
    monkeypatch.setattr(programs, "server_version", lambda: 16)
    with pytest.raises(Exception, match="pg_dump is of version 15, the server of version 16"):
        programs.postgres_program("pg_dump")
    with pytest.raises(Exception, match="pg_restore is missing"):
        programs.postgres_program("pg_restore")
    monkeypatch.setattr(programs, "server_version", lambda: 15)
    assert programs.postgres_program("pg_dump") == str(program)


def test_passwords_reach_the_programs_by_their_environment() -> None:
    settings = {
        "NAME": "d",
        "PASSWORD": "secret",
        "OPTIONS": {"sslmode": "verify-full", "connect_timeout": 2},
    }
    env = programs.postgres_environment(settings)
    assert (env["PGDATABASE"], env["PGPASSWORD"], env["PGSSLMODE"]) == ("d", "secret", "verify-full")


# --- Reading ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain_backup(transactional_db: None, tmp_path: Path) -> Path:
    fill()
    return writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path


def unpacked(path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, encryption.opened(path) as stream:
        return archive.unpack(stream, Path(folder))


def test_damage_is_named(plain_backup: Path) -> None:
    whole = plain_backup.read_bytes()
    database = next(name for name in manifest_of(plain_backup)["digests"] if name.startswith("database/"))
    cut = plain_backup.with_name("cut.tar")
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Damaged):
        unpacked(cut)
    for what, change in {
        "its list is missing": lambda name, content: None if name == archive.MANIFEST else content,
        "its list cannot be read": lambda name, content: b"{" if name == archive.MANIFEST else content,
        f"{database} is missing": lambda name, content: None if name == database else content,
        f"{database} is not what was written": lambda name, content: b"x" if name == database else content,
    }.items():
        with pytest.raises(Damaged, match=what):
            unpacked(members(plain_backup, change))
    with pytest.raises(Damaged, match="is not in its list"):
        unpacked(with_manifest(plain_backup, digests={}))


@pytest.mark.parametrize("key", ["another key", ""], ids=["forged", "older"])
def test_a_list_that_was_not_written_with_the_key_of_the_site_is_not_restored(
    plain_backup: Path, settings: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can write to the folder of the backups and has the public key makes an archive that is whole."""

    def forged(name: str, content: bytes) -> bytes | None:
        if name != archive.MAC:
            return content
        manifest = json.dumps(manifest_of(plain_backup)).encode()
        own, settings.AUDIT_KEY = settings.AUDIT_KEY, key
        made = archive.mac_of(manifest).encode()
        settings.AUDIT_KEY = own
        return made if key else None

    with tempfile.TemporaryDirectory() as folder, encryption.opened(plain_backup) as stream:
        archive.unpack(stream, Path(folder))
        archive.require_mac(Path(folder))
    monkeypatch.setattr(restoring, "require_empty", lambda: None)
    monkeypatch.setattr(restoring, "_load", lambda folder, jobs: pytest.fail("it was loaded"))
    path = members(plain_backup, forged)
    with pytest.raises(ForeignMac if key else NoMac):
        restoring.restore(path)
    with pytest.raises(CommandError, match="--unverified"):
        call_command("restore", path)
    # With the switch it goes on to the next check.
    monkeypatch.setattr(restoring, "require_known", lambda manifest: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        restoring.restore(path, unverified=True)


def test_an_encrypted_backup_opens_with_its_key_only(
    transactional_db: None,
    tmp_path: Path,
    keys: Callable[[str], Path],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill()
    made = writing.backup_to(str(tmp_path / "b"), recipient=str(keys("own")))
    assert made.path.name.endswith(".tar.gpg") and b"accounts_user" not in made.path.read_bytes()
    assert unpacked(made.path)["facts"]["hours"] == "3.0"
    cut = tmp_path / "cut.tar.gpg"
    for share in (0.4, 0.999):
        whole = made.path.read_bytes()
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Damaged):
            unpacked(cut)
    cut.write_bytes(whole[:-200] + bytes([whole[-200] ^ 1]) + whole[-199:])
    with pytest.raises(Damaged):
        unpacked(cut)
    monkeypatch.setenv("GNUPGHOME", str(keys("other").parent))
    with pytest.raises(WrongKey):
        unpacked(made.path)


@pytest.mark.django_db
def test_a_newer_version_or_another_database_is_refused() -> None:
    here = {"database": connection.vendor, "product": "9.9", "facts": facts.facts_of(connection)}
    restoring.require_known(here)
    with pytest.raises(OtherDatabase):
        restoring.require_known(here | {"database": "oracle"})
    with pytest.raises(NewerProduct, match="version 9.9"):
        restoring.require_known(here | {"facts": {"migrations": ["courses.9999_of_tomorrow"]}})


@pytest.mark.django_db
def test_a_restore_needs_an_empty_database(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="into an empty one only"):
        call_command("restore", tmp_path / "x.tar")


def test_every_difference_is_named() -> None:
    made = {"tables": {"a": 2, "b": 1}, "hours": "3.0", "seals": {"act": [1, 2, "x"]}, "migrations": ["a.1"]}
    assert facts.differences(made, made) == []
    found = {"tables": {"a": 1, "c": 1}, "hours": "2.0", "seals": {"act": [1, 2, "y"]}, "migrations": []}
    assert len(facts.differences(made, found)) == 6


@pytest.mark.django_db
def test_the_sample_log_in_leaves_nothing_and_names_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_operator().user
    before = AuditEvent.objects.count()
    assert restoring.try_log_in() == []
    person.refresh_from_db()
    assert person.last_login is None and AuditEvent.objects.count() == before
    monkeypatch.setattr(restoring, "reverse", lambda _name: "/nowhere/")
    assert restoring.try_log_in() == ["log-in of a sample person: status 404"]
    User.objects.update(is_active=False)
    assert "no active person" in restoring.try_log_in()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "failure",
    [
        sqlite3.OperationalError("database or disk is full"),
        OperationalError("connection refused"),
        OSError(28, "No space left on device"),
    ],
    ids=["full as SQLite says it", "database away", "full"],
)
def test_trouble_of_the_machine_is_a_sentence_and_a_failed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise failure

    monkeypatch.setattr(writing, "_dump", fail)
    with pytest.raises(CommandError, match=str(failure.args[-1])):
        call_command("backup", to=str(tmp_path / "backups"), plain=True)
    assert str(failure.args[-1]) in Run.objects.get().error and not archive_names.backups_in(
        tmp_path / "backups"
    )
    monkeypatch.setattr(restoring, "restore", fail)
    with pytest.raises(CommandError, match=str(failure.args[-1])):
        call_command("restore", "any.tar")


def test_a_database_that_cannot_keep_the_failed_run_hides_no_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(writing, "_dump", fail)
    monkeypatch.setattr(runs, "record", fail)
    with pytest.raises(CommandError, match="connection refused"):
        call_command("backup", to=str(tmp_path / "backups"), plain=True)


def test_a_program_that_fails_is_named_with_what_it_printed() -> None:
    with pytest.raises(ToolFailed, match="no room"):
        programs.run([sys.executable, "-c", "import sys; sys.exit('no room')"])


@pytest.mark.django_db
def test_a_file_that_is_not_named_as_a_backup_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    path.write_bytes(b"PK")
    with (
        pytest.raises(BackupError, match="backup.zip is no backup"),
        restoring._unpacked(path, "", writing.Steps()),
    ):
        pass
