"""Migrations beside a running site lock what they change, and leave what the release before needs."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, models, transaction
from django.db.migrations import Migration, RunPython
from django.db.migrations.operations import AddField, AlterField, RemoveField

from accounts.models import Proof
from audit import late_events, log
from audit.models import AuditEvent
from audit.verification import verify
from checks import installation
from checks.findings import State
from hours.left_columns import LEFT_COLUMNS
from kit import beside, clock
from kit.triggers import forbid
from tests import factories as make


def planted(*planned: Any) -> Migration:
    found: Migration = type("Migration", (Migration,), {"operations": planned})("0099_planted", "courses")
    return found


@pytest.mark.once
def test_the_tables_that_a_migration_changes_are_known() -> None:
    key = models.ForeignKey("accounts.User", models.PROTECT, null=True)
    assert beside.tables_of(planted(AddField("course", "x", key))) == ({"courses_course"}, {"accounts_user"})
    altered = beside.tables_of(planted(AlterField("course", "x", key)))
    assert altered == ({"courses_course", "accounts_user"}, set())
    assert beside.tables_of(planted(forbid("hours_hourcredit", "x", "no")))[0] == {"hours_hourcredit"}
    assert beside.tables_of(planted(RunPython(RunPython.noop))) == (set(), set())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_tables_are_locked_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "LOCK_PAUSE", 0)
    monkeypatch.setattr(beside, "LOCK_MILLISECONDS", 50)
    held = "SELECT relation::regclass::text FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND pid = pg_backend_pid()"
    migration = planted(RemoveField("course", "unit"))
    reader = connections.create_connection("default")
    with reader.cursor() as reading, connection.cursor() as cursor:
        reading.execute("BEGIN; SELECT 1 FROM accounts_unit")
        with transaction.atomic():
            with pytest.raises(OperationalError):
                beside.lock_tables(connection, migration)
            cursor.execute(held)
            assert cursor.fetchall() == []
        reading.execute("ROLLBACK")
        with transaction.atomic():
            beside.lock_tables(connection, migration)
            cursor.execute(held)
            assert {table for (table,) in cursor.fetchall()} >= {"courses_course", "accounts_unit"}
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone()[0] == "0"
    reader.close()


@pytest.fixture
def with_left_columns(transactional_db: None) -> None:
    """The database between `migrate` and `finish_upgrade`."""
    left = LEFT_COLUMNS["hours_objection.enrolment_id"]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hours_objection ADD enrolment_id bigint")
        cursor.execute("ALTER TABLE accounts_proof ADD data bytea DEFAULT ''::bytea")
        cursor.execute("ALTER TABLE audit_auditevent ALTER proof SET DEFAULT ''")
        cursor.execute(left.begin)
        # The tables of the tests are made on the machine's own day.
        cursor.execute("UPDATE django_migrations SET applied = '2026-11-01' WHERE app = 'audit'")


def finish() -> str:
    said = StringIO()
    call_command("finish_upgrade", stdout=said)
    return said.getvalue()


@pytest.mark.postgres
@pytest.mark.usefixtures("with_left_columns")
def test_what_the_release_before_wrote_is_taken_over_once() -> None:
    person = make.make_user()
    made, ours = (
        Proof.objects.create(
            name=n, content_type="application/pdf", uploaded_by=person, uploaded_at=clock.now()
        )
        for n in ("old.pdf", "new.pdf")
    )
    event = log.record("read.person", person, by=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_proof SET data = '%%PDF-1.4 paper' WHERE id = %s", [made.pk])
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditevent SET proof = '' WHERE id = %s", [event.pk])
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")
    assert [breach.event for breach in verify()] == [event.pk]
    assert installation.migrations().state == State.WARN
    said = finish()
    assert (
        "accounts_proof.data: taken away, 1 rows taken over" in said and f"proved now: 1 ({event.pk}" in said
    )
    made.refresh_from_db()
    ours.refresh_from_db()
    assert made.file and made.file.size == len(b"%PDF-1.4 paper") and ours.file is None
    assert not list(verify()) and installation.migrations().state == State.WELL
    assert finish() == "Nothing to finish.\n"
    with connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute("UPDATE audit_auditevent SET proof = 'x' WHERE id = %s", [event.pk])


@pytest.mark.postgres
@pytest.mark.usefixtures("with_left_columns")
def test_an_event_from_before_the_proofs_is_not_proved() -> None:
    event = log.record("read.person", make.make_user(), by=None)
    since = late_events.began()
    assert since
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_auditevent SET proof = '', at = %s WHERE id = %s",
            [since - timedelta(days=1), event.pk],
        )
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")
    finish()
    assert AuditEvent.objects.get(pk=event.pk).proof == ""


@pytest.mark.postgres
@pytest.mark.usefixtures("with_left_columns")
def test_a_table_in_use_ends_the_command_with_a_sentence() -> None:
    reader = connections.create_connection("default")
    with reader.cursor() as reading:
        reading.execute("BEGIN; SELECT 1 FROM accounts_proof")
        with pytest.raises(CommandError, match="run the command again"):
            finish()
        reading.execute("ROLLBACK")
    reader.close()
    assert "finished" in finish()


@pytest.mark.django_db
def test_sqlite_has_nothing_to_finish() -> None:
    if connection.vendor == "sqlite":
        assert finish().startswith("Nothing to finish")
