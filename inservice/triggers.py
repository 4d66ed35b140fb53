"""Database triggers that forbid changes, for PostgreSQL and SQLite, as migration operations."""

from typing import Any

from django.db import migrations


def forbid(
    table: str, name: str, sentence: str, *, columns: tuple[str, ...] = (), deletes: bool = False
) -> migrations.RunPython:
    """Refuse UPDATE of `columns` (of any, when none are named) and, on PostgreSQL, DELETE when `deletes`.

    SQLite gets no DELETE trigger: its whole file is the embedded default's own, and a test database is emptied by DELETE.
    """

    def create(apps: Any, editor: Any) -> None:
        make = _postgres if editor.connection.vendor == "postgresql" else _sqlite
        for statement in make(table, name, sentence, columns, deletes):
            editor.execute(statement)

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {name}")

    return migrations.RunPython(create, drop)


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"OLD.{c} {differs} NEW.{c}" for c in columns)


def _postgres(table: str, name: str, sentence: str, columns: tuple[str, ...], deletes: bool) -> list[str]:
    when = f"WHEN ({_changed(columns, 'IS DISTINCT FROM')})" if columns else ""
    body = f"BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END"
    statements = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()",
    ]
    if deletes:
        statements.append(
            f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    return statements


def _sqlite(table: str, name: str, sentence: str, columns: tuple[str, ...], deletes: bool) -> list[str]:
    when = f"WHEN {_changed(columns, 'IS NOT')}" if columns else ""
    return [
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    ]
