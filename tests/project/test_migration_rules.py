"""Migrations that would stop a running site are refused; `migrate` waits for a lock for seconds only."""

import io
import threading
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import OperationalError, connection, connections, models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import Q

from kit.management.commands import migrate as ours
from kit.migration_operations import AddIndexBesideWrites
from tests.project.migration_rules import RELEASED, judged, wrongs

TEXT: "models.CharField[Any, Any]" = models.CharField(max_length=9)
INDEX = models.Index(fields=["n"], name="x_n")


def planted(*found: operations.base.Operation, **facts: str) -> list[str]:
    kind = type("Migration", (Migration,), {"operations": list(found), **facts})
    return list(wrongs(kind("0099_planted", "courses")))


REFUSED = [
    operations.AddField("course", "n", TEXT),
    operations.AddField("course", "n", models.CharField(max_length=9, default="")),
    operations.AlterField("course", "title", TEXT),
    operations.RemoveField("course", "title"),
    operations.RenameField("course", "title", "name"),
    operations.RenameModel("Course", "Training"),
    operations.AlterModelTable("course", "training"),
    operations.DeleteModel("Course"),
    operations.AddIndex("course", INDEX),
    operations.AddConstraint("course", models.CheckConstraint(condition=Q(pk__gt=0), name="x_c")),
]
TAKEN = [
    operations.AddField("course", "n", models.CharField(max_length=9, null=True)),
    operations.AddField("course", "n", models.CharField(max_length=9, default="", db_default="")),
    operations.AlterField("course", "title", models.CharField(max_length=9, null=True)),
    operations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
    AddIndexBesideWrites("course", INDEX),
]


@pytest.mark.parametrize("operation", REFUSED, ids=lambda o: f"{type(o).__name__}-{o.describe()[:24]}")
def test_what_stops_a_site_is_refused_unless_it_says_why_it_is_safe(operation: Any) -> None:
    assert len(planted(operation)) == 1
    assert planted(operation, safe_because="unused since 1.2") == []


@pytest.mark.parametrize("operation", TAKEN, ids=lambda o: f"{type(o).__name__}-{o.describe()[:24]}")
def test_what_only_adds_is_taken(operation: Any) -> None:
    assert planted(operation) == []


def test_a_new_table_is_free_and_data_move_alone() -> None:
    new = operations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))])
    assert planted(new, operations.AddField("new", "n", TEXT), operations.AddIndex("new", INDEX)) == []
    data = operations.RunPython(operations.RunPython.noop)
    assert planted(data) == [] and len(planted(new, data)) == 1


def test_our_own_migrations_are_safe_and_each_app_is_judged() -> None:
    assert not [line for migration in judged() for line in wrongs(migration)]
    assert all(number > 0 for number in RELEASED.values())


class InUse(OperationalError):
    def __init__(self, code: str) -> None:
        super().__init__("canceling statement due to lock timeout")
        self.__cause__ = type("Cause", (Exception,), {"pgcode": code})()


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let `migrate` find a table in use; an item is taken off for each try."""
    left: list[str] = []

    def handle(self: Any, *args: Any, **options: Any) -> None:
        if left:
            raise InUse(left.pop())

    monkeypatch.setattr(migrate.Command, "handle", handle)
    monkeypatch.setattr(ours.time, "sleep", lambda _seconds: None)
    return left


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_table_in_use_is_tried_again_and_given_up_in_the_end(tries: list[str]) -> None:
    said = io.StringIO()
    tries += [ours.LOCK_NOT_AVAILABLE, ours.DEADLOCK_DETECTED]
    call_command("migrate", stderr=said)
    assert said.getvalue().count("a table is in use") == 2
    tries += [ours.LOCK_NOT_AVAILABLE] * 9
    with pytest.raises(CommandError, match="in use all the time"):
        call_command("migrate", tries=3, stderr=said)
    tries[:] = ["53300"]
    with pytest.raises(OperationalError):
        call_command("migrate", stderr=said)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "0"


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_migration_gives_up_before_postgresql_ends_a_request(tries: list[str]) -> None:
    """Of two that wait for each other PostgreSQL ends the one that has waited for `deadlock_timeout` first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout'")
        waits = cursor.fetchone()[0]
    parser = ours.Command().create_parser("manage.py", "migrate")
    assert parser.get_default("lock_timeout") * 1000 < waits


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_index_beside_writes_waits_for_readers_and_replaces_what_an_ended_build_left() -> None:
    build = AddIndexBesideWrites("course", models.Index(fields=["title"], name="courses_tried"))
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    build.state_forwards("courses", after)
    reader = connections.create_connection("default")
    with connection.cursor() as cursor, reader.cursor() as reading:
        cursor.execute("CREATE INDEX courses_tried ON courses_course (code); SET lock_timeout = '50ms'")
        reading.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM courses_course")
        ends = threading.Timer(0.4, reading.execute, ["COMMIT"])
        ends.start()
        try:
            with connection.schema_editor(atomic=False) as editor:
                build.database_forwards("courses", editor, before, after)
            cursor.execute("SELECT pg_get_indexdef('courses_tried'::regclass)")
            assert "(title)" in cursor.fetchone()[0]
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "50ms"
        finally:
            ends.join()
            cursor.execute("RESET lock_timeout; DROP INDEX courses_tried")
    reader.close()


@pytest.mark.django_db
def test_migrate_goes_on_as_django_does(tries: list[str]) -> None:
    call_command("migrate", lock_timeout=0)
    tries.append("x")
    with pytest.raises(OperationalError):
        call_command("migrate", lock_timeout=0)
