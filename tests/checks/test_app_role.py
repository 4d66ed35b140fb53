"""The application's role: tests/concurrency/test_lock_order.py carries out every act with it; here is what it may not do."""

import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from checks import app_role, installation
from checks.findings import State
from tests.app_role import as_the_application

FORBIDDEN = [
    "ALTER TABLE hours_hourcredit DISABLE TRIGGER ALL",
    "DROP TRIGGER hours_ledger_is_append_only ON hours_hourcredit",
    "DROP FUNCTION hours_ledger_is_append_only() CASCADE",
    "ALTER TABLE courses_course ADD COLUMN extra int",
    "DROP TABLE courses_course",
    "TRUNCATE audit_auditevent",
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE ROLE another",
    "UPDATE hours_hourcredit SET hours = 9",
    "DELETE FROM hours_hourcredit",
    "SELECT * FROM hours_hourcredit FOR UPDATE",
    "UPDATE audit_auditevent SET action = 'other'",
    "UPDATE audit_auditsubject SET event_id = 1",
    "DELETE FROM audit_auditseal",
    "DELETE FROM accounts_businessaccount",
    "DELETE FROM django_migrations",
    "INSERT INTO auth_permission (name) VALUES ('x')",
    "SET session_replication_role = replica",
    "COPY courses_course TO PROGRAM 'true'",
]


@pytest.mark.postgres
@pytest.mark.django_db
def test_what_the_role_must_not_do_is_refused() -> None:
    with as_the_application():
        for statement in FORBIDDEN:
            with (
                pytest.raises(ProgrammingError) as refused,
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
            assert re.search("permission denied|must be (owner|superuser)", str(refused.value)), statement
        assert installation.role().state == State.WELL


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_role_that_could_do_more_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE app_with_more CREATEROLE")
        cursor.execute("CREATE ROLE app_of_others IN ROLE app_with_more")
    for name in ("app_with_more", "app_of_others"):
        with pytest.raises(app_role.NotALesserRole):
            app_role.grant(app_role.Login(name, ""))


@pytest.mark.django_db
@pytest.mark.once
def test_without_roles_the_command_says_so() -> None:
    with pytest.raises(CommandError, match="Only PostgreSQL"):
        call_command("grant_app_role")


@pytest.mark.once
def test_every_table_that_gets_less_exists() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert not set(app_role.LESS) - tables - {"django_migrations"}
