"""An installation of revision 084da67 goes on after the upgrade: nobody is logged out, no queued task and no row is lost."""

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from kit import beside
from tests.upgrade.environment import FOLDER, dump_of, environment, facts_of
from tests.upgrade.make_dump import check_out

ROOT = FOLDER.parents[1]
# What a migration fills by itself.
# Migrations add rows to these: the national list of natures among them.
GROWING = {"auth_permission", "django_content_type", "django_migrations", "courses_coursenature"}
# Earlier versions let in windows of enrolment that close before they open, as that of the first of these courses.
WINDOWS = """
UPDATE courses_course SET enrol_from = '2026-12-09', enrol_until = '2026-12-01' WHERE code = '4000001';
UPDATE courses_course SET enrol_from = '2026-12-01', enrol_until = '2026-12-09' WHERE code = '4000002';
UPDATE courses_course SET enrol_from = '2026-12-09' WHERE code = '4000003';
"""


def statements(database: str) -> str:
    return gzip.decompress(dump_of(database).read_bytes()).decode()


def run(word: str, var: Path, url: str) -> tuple[list[str], str]:
    """Run `look.py` with today's code; return the lines it printed, and what else it said."""
    command = [sys.executable, str(FOLDER / "look.py"), word]
    done = subprocess.run(command, cwd=ROOT, env=environment(ROOT, var, url), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines(), done.stderr


def upgraded(database: str, var: Path, url: str = "") -> list[str]:
    """Migrate the database with today's code; return what was printed."""
    return run("migrate", var, url)[0]


def looked_at(database: str, var: Path, printed: list[str], url: str = "") -> dict[str, Any]:
    """Finish the upgrade and look at the installation."""
    (found,), said = run(str(facts_of(database)), var, url)
    return {"said": said, "printed": printed, **json.loads(found)}


def assert_it_goes_on(database: str, found: dict[str, Any], *, with_visitors: bool = False) -> None:
    facts = json.loads(facts_of(database).read_text())
    assert (found["unit"], found["person"], found["browser is known"]) == (200, facts["person"], True)
    assert found["program"] == 200
    assert facts["messages"] and {message["task"] for message in facts["messages"]} <= set(found["tasks"])
    assert not set(facts["tasks"]) - set(found["tasks"])
    assert found["jobs"] == ["done"]
    assert (found["acts without words"], found["unknown notices"]) == ([], [])
    assert found["invariants hold"] and found["record is whole"], found["said"]
    kept = {table: n for table, n in facts["counts"].items() if table not in GROWING}
    there = {table: found["counts"].get(table) for table in kept}
    if with_visitors:
        assert all((there[table] or 0) >= n for table, n in kept.items())
    else:
        assert there == kept
    assert_windows_close_after_they_open(found)


def assert_windows_close_after_they_open(found: dict[str, Any]) -> None:
    """The upgrade swaps the ends of the window that is the wrong way round, and lists it."""
    assert found["windows"] == [
        ["4000001", "2026-12-01", "2026-12-09"],
        ["4000002", "2026-12-01", "2026-12-09"],
        ["4000003", "2026-12-09", "None"],
    ]
    (line,) = found["printed"]
    assert "4000001" in line


def test_a_sqlite_installation_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "inservice.sqlite3") as database:
        # Django brings this function along; a CHECK uses it.
        database.create_function("REGEXP", 2, lambda pattern, text: bool(re.search(pattern, str(text))))
        database.executescript(statements("sqlite"))
        database.executescript(WINDOWS)
    printed = upgraded("sqlite", tmp_path)
    assert_it_goes_on("sqlite", looked_at("sqlite", tmp_path, printed))


def execute(database: str, statements: str) -> None:
    """Run statements in a database on the cluster of the tests."""
    one = ConnectionHandler({"default": {**connection.settings_dict, "NAME": database}})["default"]
    with one.cursor() as cursor:
        cursor.execute(statements)
    one.close()


@pytest.fixture
def loaded_database(django_db_blocker: Any) -> Iterator[str]:
    """The address of a new database with the dump in it."""
    name = f"upgrade_{uuid4().hex}"
    with django_db_blocker.unblock():
        execute("postgres", f'CREATE DATABASE "{name}"')
        execute(name, statements("postgresql"))
        execute(name, WINDOWS)
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def visitors(place: Path, url: str) -> Iterator[Callable[[], dict[str, Any]]]:
    """The code of the revision beside the upgrade: people read pages and act until the returned function is called, which returns what came."""
    code, begun, ended = place / "code", place / "begun", place / "ended"
    check_out(code)
    command = [sys.executable, str(FOLDER / "visitors.py"), str(begun), str(ended)]
    env = environment(code, place / "old", url)
    with (place / "said").open("w+") as said, (place / "errors").open("w") as errors:
        running = subprocess.Popen(command, cwd=code, env=env, stdout=said, stderr=errors)
        try:
            while not begun.exists():
                assert running.poll() is None, (place / "errors").read_text()[-3000:]
                time.sleep(0.05)

            def end() -> dict[str, Any]:
                ended.touch()
                assert running.wait(180) == 0
                said.seek(0)
                return dict(json.loads(said.read()))

            yield end
        finally:
            running.kill()
            running.wait()


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_postgresql_installation_is_brought_up_to_date(tmp_path: Path, loaded_database: str) -> None:
    """In the long run people read and act with the code of the revision meanwhile, for which it needs the history of the repository."""
    before = bool(os.environ.get("RUN_LONG"))
    if not before:
        printed = upgraded("postgresql", tmp_path, loaded_database)
    else:
        with visitors(tmp_path, loaded_database) as end:
            printed = upgraded("postgresql", tmp_path, loaded_database)
            seen = end()
        assert_nothing_failed(seen)
    assert left_over(loaded_database)[0] == ["accounts_proof.data", "hours_objection.enrolment_id"]
    found = looked_at("postgresql", tmp_path, printed, loaded_database)
    assert_it_goes_on("postgresql", found, with_visitors=before)
    assert left_over(loaded_database) == ([], [])
    assert columns(loaded_database) == columns(f"postgresql:///{connection.settings_dict['NAME']}")
    assert_it_works_with_less(tmp_path, loaded_database)


def assert_nothing_failed(seen: dict[str, dict[str, int]]) -> None:
    """Every request was answered as ever: before, while and after the tables changed."""
    for part in seen.values():
        assert set(part) == {"200", "302"}, part
    assert seen["meanwhile"]["200"] > 20


def one_connection(url: str) -> Any:
    name = urlsplit(url).path.strip("/")
    return ConnectionHandler({"default": {**connection.settings_dict, "NAME": name}})["default"]


def left_over(url: str) -> tuple[list[str], list[tuple[str, str]]]:
    one = one_connection(url)
    try:
        return beside.left_columns(one), beside.leftover_defaults(one)
    finally:
        one.close()


def columns(url: str) -> set[tuple[str, ...]]:
    """The columns of our tables with type, NULL and default: those of a new installation after the end."""
    one = one_connection(url)
    with one.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name NOT LIKE 'django_%'"
        )
        found = set(cursor.fetchall())
    one.close()
    return found


def assert_it_works_with_less(var: Path, owner: str) -> None:
    """The database was migrated by its owner; the application goes on as a role of its own, which cannot migrate."""
    parts = urlsplit(owner)
    name = f"app_{parts.path.strip('/')}"
    app = parts._replace(netloc=f"{name}:pass@{parts.netloc.rpartition('@')[2]}").geturl()
    both = {**environment(ROOT, var, app), "MIGRATE_DATABASE_URL": owner}

    def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    try:
        for words in (["grant_app_role"], ["grant_app_role", "--set-password"]):
            assert manage(both, *words).returncode == 0
        served = environment(ROOT, var, app)
        assert manage(served, "check_invariants").returncode == 0
        assert f"{name} owns no table" in manage(served, "doctor", "--language", "en").stdout
        assert "must be owner" in manage(served, "migrate", "hours", "0001").stderr
    finally:
        execute(parts.path.strip("/"), f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
