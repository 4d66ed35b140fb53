"""A whole restore in a process of its own, on the database of the run."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from backup import drill, writing
from backup.enums import RunKind
from backup.models import Run
from tests.backup.test_backup import _folders, fill, members, with_manifest

__all__ = ["_folders"]
pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(django_settings.BASE_DIR)


@pytest.fixture(autouse=True)
def _keys(settings: Any, tmp_path: Path) -> None:
    settings.SECRET_KEY = "plain words of a drill in the tests and of nothing else"


def run(path: Path, env: dict[str, str], *options: str) -> tuple[int, str]:
    """Restore in a process of its own; return the exit code and what was said."""
    command = [sys.executable, "manage.py", "restore", str(path), *options]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_refused_restore_changes_nothing_and_the_next_brings_everything_back(tmp_path: Path) -> None:
    file = fill()
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path
    newer = with_manifest(path, product="9.9", facts={"migrations": ["courses.9999_x"], "tables": {}})
    with drill.fresh_database(tmp_path) as target:
        env = {**os.environ, **target, **drill._keys(tmp_path)}
        code, said = run(newer, env)
        assert code == 1 and "not written with this AUDIT_KEY" in said, said
        code, said = run(newer, env, "--unverified")
        assert code == 1 and "newer than this one" in said, said
        code, said = run(path, env)
        assert code == 0 and "0 differences" in said and "3.0 hours" in said, said
        code, said = run(path, env)
        assert code == 1 and "into an empty one only" in said, said
    assert (tmp_path / "media" / file.path).read_bytes() == b"%PDF-1.4 paper"


def test_each_difference_is_said(tmp_path: Path) -> None:
    fill()
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path

    def other(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        facts = json.loads(content)
        facts["facts"]["tables"]["accounts_user"] += 1
        facts["facts"]["hours"] = "4.0"
        return json.dumps(facts).encode()

    with drill.fresh_database(tmp_path) as target:
        env = {**os.environ, **target, **drill._keys(tmp_path), "AUDIT_KEY": "another key"}
        code, said = run(members(path, other), env, "--unverified")
    assert code == 1 and "hours issued: 3.0, the backup says 4.0" in said, said
    assert "table accounts_user" in said and "AUDIT_KEY is not the key of this data" in said, said


def test_the_drill_does_the_whole_and_is_recorded(tmp_path: Path) -> None:
    fill()
    said = io.StringIO()
    call_command("restore_drill", stdout=said)
    run = Run.objects.successful(RunKind.DRILL).get()
    assert set(run.facts["seconds"]) == {"backup", "restore and compare", "invariants"}
    assert run.name.endswith(".tar.gpg") and "restored whole" in said.getvalue()
    call_command("restore_drill", record="inservice-20261101T020000Z.tar.gpg")
    assert Run.objects.successful(RunKind.DRILL).count() == 2
    with pytest.raises(CommandError, match="no file"):
        call_command("restore_drill", source=tmp_path / "none.tar")
    assert Run.objects.exclude(error="").count() == 1


def test_a_backup_of_an_earlier_version_is_migrated(tmp_path: Path) -> None:
    """An earlier version is one without the tables that this one added."""
    fill()
    path = writing.backup_to(str(tmp_path / "b"), recipient="", plain=True).path
    env = {**os.environ, **drill._keys(tmp_path)}
    older = tmp_path / "older"
    older.mkdir()
    with drill.fresh_database(older) as target:
        assert run(path, env | target)[0] == 0
        for words in (["migrate", "webhooks", "zero"], ["backup", "--plain", "--to", str(tmp_path / "old")]):
            command = [sys.executable, "manage.py", *words]
            subprocess.run(command, cwd=ROOT, env=env | target, check=True, capture_output=True)
    (path,) = (tmp_path / "old").glob("*.tar")
    newer = tmp_path / "newer"
    newer.mkdir()
    with drill.fresh_database(newer) as target:
        code, said = run(path, env | target)
        assert code == 0 and "migrating: 1 of the migrations" in said and "0 differences" in said, said
        command = [sys.executable, "manage.py", "migrate", "--check"]
        assert subprocess.run(command, cwd=ROOT, env=env | target, capture_output=True).returncode == 0
