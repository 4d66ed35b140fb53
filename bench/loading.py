"""What makes a large load quick: foreign keys and indexes afterwards, fresh statistics."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper


def trust_rows() -> None:
    """Leave out the foreign keys' row-by-row checks in this session: the generator's rows refer to rows it has made.

    The tests load the smallest sets with the checks on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")


@contextmanager
def trusted_rows() -> Iterator[CursorWrapper]:
    """Give a cursor that checks no foreign keys, as after `trust_rows`, to delete a set's rows in any order; afterwards they are checked."""
    trust_rows()
    with connection.cursor() as cursor:
        yield cursor
        cursor.execute("RESET session_replication_role")


@contextmanager
def without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """Drop the indexes that back no constraint, and build them again afterwards."""
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
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in indexes:
            cursor.execute(definition)


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
