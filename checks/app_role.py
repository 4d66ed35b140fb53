"""The role with which the application works on PostgreSQL: it reads and writes rows, and changes no table, trigger or role.

Migrations run as the owner (`MIGRATE_DATABASE_URL`), everything else as this role (`DATABASE_URL`). The triggers refuse a change of the
record and of the ledger to any role; since this one owns nothing, an intruder with its password cannot drop them either.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import connection, transaction
from psycopg2.extensions import encrypt_password

EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Tables that get less. An update of some columns is written as PostgreSQL does.
LESS: dict[str, tuple[str, ...]] = {
    # Corrections are rows of their own.
    "hours_hourcredit": ("SELECT", "INSERT"),
    # Sealing writes the block; retention deletes what has outlived its time, which a trigger checks.
    "audit_auditevent": ("SELECT", "INSERT", "UPDATE (block)", "DELETE"),
    "audit_auditsubject": ("SELECT", "INSERT", "DELETE"),
    # A seal outlives its block.
    "audit_auditseal": ("SELECT", "INSERT", "UPDATE"),
    "audit_auditchain": ("SELECT", "INSERT", "UPDATE"),
    # Business accounts and enrolments end, they do not disappear.
    "accounts_businessaccount": ("SELECT", "INSERT", "UPDATE"),
    # Written by migrations and after them.
    "django_migrations": ("SELECT",),
    "django_content_type": ("SELECT",),
    "auth_permission": ("SELECT",),
}
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
MEMBERSHIPS = (
    "SELECT count(*) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %s)"
)
OWNED = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)"
TABLES = "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"


class NotALesserRole(Exception):
    """The role would keep more than it is granted: it owns tables, or is a member of another role."""


@dataclass(frozen=True)
class Login:
    name: str
    password: str


def login_of(url: str) -> Login:
    """Return name and password of a database URL."""
    parts = urlsplit(url)
    return Login(unquote(parts.username or ""), unquote(parts.password or ""))


@transaction.atomic
def grant(login: Login, *, set_password: bool = False) -> bool:
    """Make the role or bring its rights up to date; return whether it was made now. Run by the owner, any number of times."""
    name = connection.ops.quote_name(login.name)
    with connection.cursor() as cursor:
        made = _role(cursor, login, set_password=set_password)
        _refuse_more(cursor, login.name)
        for statement in (*_of_database(cursor, name), *_of_tables(cursor, name)):
            cursor.execute(statement)
    return made


def _role(cursor: Any, login: Login, *, set_password: bool) -> bool:
    """Make the role if it is missing. The password leaves this process only as its SCRAM hash: statements may be logged."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.name])
    missing = cursor.fetchone() is None
    name = connection.ops.quote_name(login.name)
    if missing:
        cursor.execute(f"CREATE ROLE {name} {ATTRIBUTES}")
    if login.password and (missing or set_password):
        hashed = encrypt_password(
            login.password, login.name, scope=cursor.connection, algorithm="scram-sha-256"
        )
        cursor.execute(f"ALTER ROLE {name} PASSWORD %s", [hashed])
    return missing


def _refuse_more(cursor: Any, name: str) -> None:
    cursor.execute("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = %s", [name])
    powerful = cursor.fetchone()[0]
    for question in (MEMBERSHIPS, OWNED):
        cursor.execute(question, [name])
        powerful = powerful or bool(cursor.fetchone()[0])
    if powerful:
        raise NotALesserRole(name)


def _of_database(cursor: Any, name: str) -> Iterable[str]:
    cursor.execute("SELECT current_database()")
    database = connection.ops.quote_name(cursor.fetchone()[0])
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE ALL ON SCHEMA public FROM {name}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"


def _of_tables(cursor: Any, name: str) -> Iterable[str]:
    """Tables that a later migration makes get the usual rights at once, and theirs when this is run after it."""
    usual = ", ".join(EVERYTHING)
    yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {usual} ON TABLES TO {name}"
    yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, USAGE ON SEQUENCES TO {name}"
    # Reading a sequence is what a backup needs.
    yield f"GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"
    cursor.execute(TABLES)
    for (table,) in cursor.fetchall():
        quoted = connection.ops.quote_name(table)
        yield f"REVOKE ALL ON {quoted} FROM {name}"
        yield f"GRANT {', '.join(LESS.get(table, EVERYTHING))} ON {quoted} TO {name}"
