"""What lies unencrypted while a backup is written or restored: a run that lives keeps it, what a killed one left goes."""

import errno
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, connections

from backup import archive, archive_names, drill, restoring, staging, writing
from backup.errors import BackupError, Damaged, MayNotMakeTables
from tests.backup.test_backup import _folders

__all__ = ["_folders"]


def archived(manifest: object, *more: tarfile.TarInfo) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        content = json.dumps(manifest).encode()
        member = tarfile.TarInfo(archive.MANIFEST)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
        for extra in more:
            tar.addfile(extra)
    out.seek(0)
    return out


@pytest.mark.django_db(transaction=True)
def test_a_backup_into_another_folder_leaves_a_running_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = writing._dump

    def beside(place: Path) -> Any:
        found = dump(place)
        if not (tmp_path / "drill").exists():
            writing.backup_to(str(tmp_path / "drill"), recipient="", plain=True)
        return found

    monkeypatch.setattr(writing, "_dump", beside)
    made = writing.backup_to(str(tmp_path / "nightly"), recipient="", plain=True)
    with tarfile.open(made.path) as tar:
        assert any(name.startswith(f"{archive.DATABASE}/") for name in tar.getnames())


def test_what_a_killed_restore_left_goes_and_a_living_one_keeps_its_folder() -> None:
    with staging.staging("restore") as living:
        left = staging.root() / "restore-killed"
        (left / "database").mkdir(parents=True)
        staging.clear()
        assert living.exists() and not left.exists()
    assert not living.exists()


def test_the_key_of_a_killed_drill_goes_and_that_of_a_living_one_stays() -> None:
    """It lies in the temporary folder, for the sake of a short path."""
    with staging.short("drill") as living:
        left = living.parent / f"{staging.SHORT}drill-killed"
        (left / "key/private-keys-v1.d").mkdir(parents=True)
        other = living.parent / "drill-of-another-program"
        other.mkdir()
        staging.clear()
        assert living.exists() and other.exists() and not left.exists()
    assert not living.exists()


@pytest.mark.parametrize("trouble", [PermissionError, FileNotFoundError])
def test_what_cannot_be_cleared_keeps_no_backup_from_being_made(
    trouble: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of root, or one that its run deletes at this moment; a stray file is no folder."""
    opened, other, left = os.open, staging.root() / "restore-a-root", staging.root() / "restore-killed"
    other.mkdir()
    left.mkdir()
    (staging.root() / "stray").touch()

    def refuse(path: Any, flags: int, *mode: int, **more: Any) -> int:
        if path == other:
            raise trouble
        return opened(path, flags, *mode, **more)

    monkeypatch.setattr(os, "open", refuse)
    staging.clear()
    assert other.exists() and not left.exists()


@pytest.mark.django_db(transaction=True)
def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    others = [folder / "film.mkv.part", folder / "inservice-20269999T999999Z.tar"]
    for path in others:
        path.touch()
    writing.backup_to(str(folder), recipient="", plain=True)
    assert all(path.exists() for path in others) and len(archive_names.backups_in(folder)) == 1


def test_a_full_disk_is_not_taken_for_a_damaged_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        archive.unpack(archived({}), tmp_path)


def test_a_header_that_was_written_by_hand_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="null byte"):
        archive.unpack(archived({}, tarfile.TarInfo("a\x00b\u00e9")), tmp_path)


@pytest.mark.parametrize("manifest", [[1], 7, {}, {"digests": []}], ids=str)
def test_a_list_of_another_shape_is_damage(tmp_path: Path, manifest: object) -> None:
    with pytest.raises(Damaged, match="its list"):
        archive.unpack(archived(manifest), tmp_path)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    twice = tarfile.TarInfo(archive.MANIFEST)
    for member in (tarfile.TarInfo(name), link, twice):
        with pytest.raises(Damaged, match="is no file of a backup|is there twice"):
            archive.unpack(archived({}, member), inside)
        (inside / archive.MANIFEST).unlink()
    assert not (tmp_path / "outside").exists()


@pytest.mark.django_db(transaction=True)
def test_the_drill_never_reaches_the_real_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`restore` connects as the owner of MIGRATE_DATABASE_URL where that is set."""
    monkeypatch.setenv("MIGRATE_DATABASE_URL", "postgresql://owner@127.0.0.1:9/real")
    with drill.fresh_database(tmp_path) as env:
        assert env["MIGRATE_DATABASE_URL"] == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_not_make_a_database_gets_a_sentence(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE drill_without NOCREATEDB")
        cursor.execute("SET ROLE drill_without")
    try:
        with pytest.raises(BackupError, match="CREATEDB"), drill.fresh_database(tmp_path):
            pass
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP ROLE drill_without")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_database_of_a_killed_drill_goes_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    left, beside, foreign = "drill_00000000abcd", "drill_reports", "drill_00000000beef"
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE drill_other")
        for name in (left, beside, foreign):
            cursor.execute(f'CREATE DATABASE "{name}"')
        cursor.execute(f'ALTER DATABASE "{foreign}" OWNER TO drill_other')
    # Of another site on this server, and of this one: the next drill has a connection of its own.
    others = [connections.create_connection("default") for _ in range(2)]
    others[0].settings_dict = others[0].settings_dict | {"NAME": "postgres"}
    try:
        with drill.fresh_database(tmp_path) as env:
            living = env["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
            assert left not in databases() and {beside, foreign, living} <= databases()
            for other in others:
                with patch.object(drill, "connection", other):
                    assert drill.drop_left() == []
            assert living in databases()
        assert living not in databases()
    finally:
        for other in others:
            other.close()
        with connection.cursor() as cursor:
            for name in (beside, foreign):
                cursor.execute(f'DROP DATABASE "{name}"')
            cursor.execute("DROP ROLE drill_other")


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def test_what_a_killed_drill_left_on_the_disk_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key and its backup would open each other."""
    left = staging.root() / "drill-killed"
    left.mkdir()

    def killed(*args: Any, **more: Any) -> None:
        (place,) = [path for path in staging.root().iterdir() if path.name.startswith("drill-")]
        assert place != left
        raise KeyboardInterrupt

    monkeypatch.setattr(drill, "_backup", killed)
    with pytest.raises(KeyboardInterrupt):
        drill.carry_out()
    assert not list(staging.root().iterdir())


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_role_that_may_not_make_tables_is_refused_before_the_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "require_empty", lambda: None)
    restoring.require_owner()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE restores_nothing")
        cursor.execute("SET LOCAL ROLE restores_nothing")
        with pytest.raises(MayNotMakeTables, match="restore as their owner"):
            restoring.restore(tmp_path / "inservice-20261124T180000Z.tar.gpg")
        cursor.execute("RESET ROLE")
