"""Commands and processes on a database without the tables of this version: one sentence, and nothing is begun."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import OperationalError, connection

from kit import migration_state
from kit.migration_state import NotMigrated
from kit.table_commands import CommandOnTables

# These make the tables, or look at what is missing in words of their own.
WITHOUT_TABLES = {
    "migrate",
    "grant_app_role",
    "finish_upgrade",
    "restore",
    "backup",
    "restore_drill",
    "setup",
    "doctor",
    "metrics",
}
EMPTY = "The database has no migrations: it is empty, or a restore into it has not ended."
AWAY = "postgresql://site@127.0.0.1:9/site"


def own_commands() -> dict[str, type]:
    """Return each command whose app lies in this repository, by name."""
    found = {name: load_command_class(str(app), name) for name, app in get_commands().items()}
    root = Path(settings.BASE_DIR)
    return {
        name: type(command)
        for name, command in found.items()
        if (file := sys.modules[type(command).__module__].__file__)
        and Path(file).is_relative_to(root)
        and ".venv" not in Path(file).parts
    }


def test_each_command_needs_the_tables_or_is_listed_here() -> None:
    found = own_commands()
    assert {name for name, kind in found.items() if not issubclass(kind, CommandOnTables)} == WITHOUT_TABLES
    assert "load_demo" in found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("which", "sentence"),
    [("", EMPTY), (" WHERE app = 'hours' AND name LIKE '0001%'", "lacks 1 migrations of this version")],
    ids=["none", "one missing"],
)
def test_a_command_without_its_tables_ends_with_a_sentence(which: str, sentence: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM django_migrations{which}")  # noqa: S608 - written above
    for name in ("load_demo", "verify_audit", "retention", "refresh_lights"):
        with pytest.raises(CommandError, match=sentence):
            call_command(name)
    with pytest.raises(NotMigrated, match=sentence):
        migration_state.require_migrated()


@pytest.mark.django_db
def test_a_database_ahead_of_this_version_is_taken() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('hours', '9999_newer', '2026-11-24')"
        )
    migration_state.require_migrated()


def run(*words: str, **variables: str) -> tuple[int, str]:
    env = {**os.environ, "ALLOW_LOCAL_SECRET": "1", **variables}
    done = subprocess.run(
        [sys.executable, *words], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["manage.py", "load_demo"], 1),
        (["-m", "gunicorn", "-b", "127.0.0.1:0", "inservice.wsgi"], 3),
        (["-m", "celery", "-A", "inservice", "worker", "-P", "solo"], 1),
        (["-m", "celery", "-A", "inservice", "beat"], 1),
    ],
    ids=["command", "web", "worker", "beat"],
)
def test_no_process_starts_on_a_database_without_tables(tmp_path: Path, words: list[str], code: int) -> None:
    found, said = run(*words, VAR_DIR=str(tmp_path / "var"), DATABASE_URL="", REDIS_URL="")
    assert found == code and EMPTY in said and "Traceback" not in said, said


def test_a_web_process_starts_while_the_database_is_away() -> None:
    """It serves 503 until the database is back."""
    assert run("-c", "import inservice.wsgi", DATABASE_URL=AWAY) == (0, "")


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [None, OperationalError, NotMigrated])
def test_the_look_at_the_tables_leaves_no_connection_to_be_forked(fault: type[Exception] | None) -> None:
    with (
        mock.patch.object(migration_state, "require_migrated", side_effect=fault),
        mock.patch.object(migration_state.connections, "close_all") as closed,
        pytest.raises(NotMigrated) if fault is NotMigrated else nullcontext(),
    ):
        migration_state.require_migrated_if_there()
    closed.assert_called_once_with()
