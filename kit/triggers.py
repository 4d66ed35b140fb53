"""Database triggers that forbid changes, for PostgreSQL and SQLite, as migration operations."""

from typing import Any

from django.db import migrations


def forbid(
    table: str,
    name: str,
    sentence: str,
    *,
    columns: tuple[str, ...] = (),
    deletes: bool = False,
    only_if: str = "",
) -> migrations.RunPython:
    """Refuse UPDATE of `columns` (of any, when none are named) and, on PostgreSQL, DELETE when `deletes`.

    `only_if` narrows it by a condition over OLD and NEW that both databases understand.

    SQLite gets no DELETE trigger: its whole file is the embedded default's own, and a test database is emptied by DELETE.
    """

    def create(apps: Any, editor: Any) -> None:
        # Made anew: SQLite loses a table's triggers when a migration rebuilds the table.
        drop(apps, editor)
        make = _postgres if editor.connection.vendor == "postgresql" else _sqlite
        for statement in make(table, name, sentence, columns, deletes, only_if):
            editor.execute(statement)

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {name}")

    # `kit.beside` locks the table first.
    return migrations.RunPython(create, drop, hints={"table": table})


def _when(columns: tuple[str, ...], differs: str, only_if: str) -> str:
    changed = " OR ".join(f"OLD.{c} {differs} NEW.{c}" for c in columns)
    parts = [f"({part})" for part in (changed, only_if) if part]
    return " AND ".join(parts)


def _postgres(
    table: str, name: str, sentence: str, columns: tuple[str, ...], deletes: bool, only_if: str
) -> list[str]:
    # The condition is in the body: a trigger's WHEN may not query other tables on PostgreSQL.
    when = _when(columns, "IS DISTINCT FROM", only_if)
    refuse = f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation';"
    body = f"BEGIN IF {when} THEN {refuse} END IF; RETURN NEW; END" if when else f"BEGIN {refuse} END"
    statements = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
    if deletes:
        statements.append(
            f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    return statements


def _sqlite(
    table: str, name: str, sentence: str, columns: tuple[str, ...], deletes: bool, only_if: str
) -> list[str]:
    condition = _when(columns, "IS NOT", only_if)
    when = f"WHEN {condition}" if condition else ""
    return [
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    ]
