"""Backups and restores that are killed in each of their steps, as whole processes: half of one never passes for a whole one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections

from backup import archive_names, drill, encryption, facts, restoring, staging, writing
from backup.errors import NothingToBackUp, OtherName, RestoreRuns
from backup.folder_lock import lock_folder
from backup.locks import hold_number, let_go_number
from tests.backup import test_restore
from tests.backup.test_backup import _folders, fill, home, keys, manifest_of, unpacked
from tests.servers import wait_for

__all__ = ["_folders", "home", "keys"]
pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(django_settings.BASE_DIR)
KILLED, ENDED = -signal.SIGKILL, 128 + signal.SIGTERM


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.SECRET_KEY = "plain words of a drill in the tests and of nothing else"


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A backup, and the environment of an installation with an empty database for it."""
    fill()
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path
    place = tmp_path / "fresh"
    place.mkdir()
    with drill.fresh_database(place) as target:
        yield path, {**os.environ, **target, **drill._keys(place)}


def die(env: dict[str, str], *words: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.backup.killing", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for row in found:
        assert row["status"] == (KILLED if row["signal"] == signal.SIGKILL else ENDED), row
    return found


def test_half_a_backup_never_has_the_name_of_a_whole_one(
    restored: tuple[Path, dict[str, str]], keys: Callable[[str], Path], home: Path, tmp_path: Path
) -> None:
    path, env = restored
    assert test_restore.run(path, env)[0] == 0
    folder = tmp_path / "killed"
    folder.mkdir()
    whole: set[str] = set()
    for row in die(env, "backup", str(folder), str(keys("own"))):
        is_whole = row["step"] in {"after it has its name", "before old ones go"}
        assert bool(set(row["whole"]) - whole) == is_whole, row
        whole |= set(row["whole"])
        if row["signal"] == signal.SIGTERM:
            # What was staged is unencrypted.
            assert not row["parts"] and not row["staged"], row
    for backup in archive_names.backups_in(folder):
        assert unpacked(backup)["facts"]["hours"] == "3.0"
    # What SIGKILL left goes with the next.
    (folder / f"inservice-20260101T000000Z.tar.gpg{writing.PART}").touch()
    words = [sys.executable, "manage.py", "backup", "--to", str(folder), "--recipient", str(keys("own"))]
    subprocess.run(words, cwd=ROOT, env=env, check=True, capture_output=True)
    assert not list(folder.glob(f"*{writing.PART}"))
    assert not list((Path(env["VAR_DIR"]) / "staging").iterdir())


def test_a_killed_restore_leaves_the_database_empty_or_whole(
    restored: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    path, env = restored
    wanted = manifest_of(path)["facts"]
    loaded = {"before the comparison", "before the checks"}
    for row in die(env, "restore", str(path)):
        if row["facts"]:
            assert facts.differences(wanted, row["facts"]) == [], row
            assert row["files"] == [len(b"%PDF-1.4 paper")], row
        if row["step"] != "while it loads":
            assert bool(row["facts"]) == (row["step"] in loaded), row
        # One restore clears what another left; SIGTERM leaves nothing.
        is_left = row["signal"] == signal.SIGKILL and row["step"] != "before the checks"
        assert row["staged"] == is_left, row
    code, said = test_restore.run(path, env)
    assert code == 0 and "0 differences" in said, said
    (file,) = [path for path in (tmp_path / "fresh/media").rglob("*") if path.is_file()]
    assert file.read_bytes() == b"%PDF-1.4 paper"


@pytest.mark.postgres
def test_a_restore_by_several_jobs_records_the_migrations_last(
    restored: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves when it is killed is no database of the site: neither `readyz` nor a backup takes it for one."""
    path, env = restored
    code, said = test_restore.run(path, env, "--jobs", "2")
    assert code == 0 and "0 differences" in said, said
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT * FROM django_migrations")
        cursor.execute("DELETE FROM django_migrations")
    try:
        with pytest.raises(NothingToBackUp, match="a restore into it has not ended"):
            writing.require_migrated()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations SELECT * FROM kept")
            cursor.execute("DROP TABLE kept")
    writing.require_migrated()


def test_two_restores_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(restoring, "require_empty", lambda: None)
    path = tmp_path / "x.tar"
    if connection.vendor == "postgresql":
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [restoring.RESTORE])
            with pytest.raises(RestoreRuns):
                restoring.restore(path)
        finally:
            other.close()
        # The server notices the end of a connection a moment later.
        assert wait_for(lambda: hold_number(restoring.RESTORE), 10)
        let_go_number(restoring.RESTORE)
    else:
        with lock_folder(django_settings.VAR_DIR), pytest.raises(RestoreRuns):
            restoring.restore(path)


def test_a_backup_under_the_name_of_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is whole and has a MAC: an older one would pass for the newest."""
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path
    newer = path.rename(path.with_name("inservice-20991231T000000Z.tar"))
    monkeypatch.setattr(restoring, "require_empty", lambda: None)
    monkeypatch.setattr(restoring, "_load", lambda folder, jobs: pytest.fail("it was loaded"))
    with pytest.raises(OtherName, match=f"written as {path.name}"):
        restoring.restore(newer)
    manifest = manifest_of(newer)
    restoring.require_name("before-the-upgrade.tar", manifest)
    # Versions before this one wrote no name.
    restoring.require_name(newer.name, {})


def test_a_file_in_the_storage_that_is_another_is_said_and_stays(tmp_path: Path) -> None:
    file = fill()
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path
    place = tmp_path / "media" / file.path
    with staging.staging("restore") as folder, encryption.opened(path) as stream:
        from backup import archive

        manifest = archive.unpack(stream, folder)
        for content, lines in ((b"%PDF", 0), (b"another", 1), (b"%PDF-1.4 paper and more", 1)):
            place.write_bytes(content)
            assert len(restoring._put_files(folder, manifest)) == lines
            assert place.read_bytes() == (content if lines else b"%PDF-1.4 paper")
    assert len(list(place.parent.iterdir())) == 1


def test_rows_whose_files_are_not_in_the_backup_are_said(tmp_path: Path) -> None:
    file = fill()
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path
    manifest = manifest_of(path)
    assert restoring._compare_files(manifest) == []
    name = f"files/{file.path}"
    other = {**manifest, "digests": {**manifest["digests"], name: "0"}}
    assert restoring._compare_files(other) == [f"file {file.path} is not what its row says"]
    del other["digests"][name]
    assert restoring._compare_files(other) == [f"file {file.path} is not in the backup"]
    assert restoring._compare_files({**other, "missing": [file.path]}) == []


def test_a_lock_that_root_made_keeps_no_other_account_out(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root makes files for others")
    os.chown(tmp_path, 65534, 65534)
    with lock_folder(tmp_path):
        assert (tmp_path / ".lock").stat().st_uid == 65534
