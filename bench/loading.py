"""What makes a large load quick: foreign keys and indexes afterwards, fresh statistics."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.management.color import no_style
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model


@contextmanager
def trusted_rows() -> Iterator[CursorWrapper]:
    """Give a cursor and leave out the foreign keys' row-by-row checks meanwhile, for rows that refer to rows of their own, in any order.

    The tests load the smallest sets with the checks on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
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


def reset_sequences(models: Sequence[type[Model]]) -> None:
    """Each table's next number lies after its largest."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
