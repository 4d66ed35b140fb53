"""COPY into PostgreSQL: one buffer a table, constants for columns that the generator does not speak of."""

import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection, models

NULL = "\\N"


def text_of(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


class Table:
    """Lines for one table. Columns of the model that are not named get their Django default in each line."""

    def __init__(self, model: type[models.Model], *columns: str) -> None:
        known = {field.column: field for field in model._meta.concrete_fields}
        rest = [field for column, field in known.items() if column not in columns and not field.primary_key]
        self.name = model._meta.db_table
        self.columns = [*columns, *(field.column for field in rest)]
        assert set(columns) <= set(known), set(columns) - set(known)
        self.suffix = "".join("\t" + text_of(field.get_default()) for field in rest) + "\n"
        self.lines: list[str] = []

    def add(self, *values: Any) -> None:
        self.lines.append("\t".join(map(text_of, values)))

    def raw(self, line: str) -> None:
        """A line already in COPY's format: values without backslashes, tabs and line breaks."""
        self.lines.append(line)

    def flush(self) -> None:
        if not self.lines:
            return
        buffer = io.StringIO(self.suffix.join(self.lines) + self.suffix)
        self.lines = []
        names = ", ".join(f'"{column}"' for column in self.columns)
        with connection.cursor() as cursor:
            cursor.copy_expert(f'COPY "{self.name}" ({names}) FROM STDIN', buffer)


def trust_rows() -> None:
    """Leave out the foreign keys' row-by-row checks in this session: the generator's rows refer to rows it has made.

    The tests load the smallest sets with the checks on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")


@contextmanager
def without_indexes(tables: Sequence[str]) -> Any:
    """Drop the indexes that back no constraint, and build them again afterwards, two at a time."""
    statement = """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid = ANY(%s::regclass[])
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
        ORDER BY pg_relation_size(i.indrelid) DESC, 1
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(tables)])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    connection.close()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_build, [definition for _, definition in indexes]))


def _build(definition: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '1GB'")
            cursor.execute("SET max_parallel_maintenance_workers = 1")
            cursor.execute(definition)
    finally:
        connection.close()


def vacuum() -> None:
    """Fresh statistics, and the visibility map that index-only scans read."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


def reset_sequences(tables: Sequence[str]) -> None:
    """Each table's next number lies after its largest."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            if (sequence := cursor.fetchone()[0]) is not None:
                cursor.execute(f"SELECT setval('{sequence}', coalesce(max(id), 0) + 1, false) FROM {table}")
