"""Locks of rows and queues. The `locks.py` of each app defines what is locked, and in which order (docs/locking.md).

A lock is held until the transaction ends. Rows are locked bare, by primary key and in its order; what belongs to them is read afterwards. A
statement that waits for a row and joins others would otherwise lose the row when a column of the join changes meanwhile.

SQLite has neither row locks nor queues: a transaction that writes has the whole file to itself (`BEGIN IMMEDIATE`).
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

from kit.batches import batches

PIECE = 5000


def lock_rows(model: type[models.Model], pks: Iterable[Any]) -> None:
    """Lock rows against every other writer. Rows that refer to them may still be inserted (`FOR NO KEY UPDATE`)."""
    if connection.features.has_select_for_update:
        rows = model._default_manager.select_for_update(no_key=True).order_by("pk")
        for piece in batches(sorted(set(pks)), PIECE):
            list(rows.filter(pk__in=piece).values_list("pk"))


def try_row(model: type[models.Model], pk: Any) -> bool:
    """Lock a row as `lock_rows` does, but without waiting; return whether it was free."""
    rows = model._default_manager.filter(pk=pk)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(no_key=True, skip_locked=True)
    return bool(rows.values_list("pk").first())


def share_rows(model: type[models.Model], pks: Iterable[Any]) -> None:
    """Lock rows in shared mode: others may share them too, nobody may change them. Never change a row that is only shared."""
    wanted = sorted(set(pks))
    if wanted and connection.features.has_select_for_update:
        table = connection.ops.quote_name(model._meta.db_table)
        places = ", ".join(["%s"] * len(wanted))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE id IN ({places}) ORDER BY id FOR SHARE", wanted)


def lock_whole_tables(connection: BaseDatabaseWrapper, tables: Sequence[str], mode: str) -> None:
    """Lock tables at once, in a mode of PostgreSQL's `LOCK TABLE`: for migrations beside a running site (`kit.beside`), not for acts."""
    if tables:
        names = ", ".join(connection.ops.quote_name(table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {names} IN {mode} MODE")


def queue_alone(name: str, key: int) -> None:
    """Wait in the queue `name` for `key` until all earlier holders have finished; later ones wait.

    The queue is fair, which a row's `FOR SHARE` is not: there, later sharers overtake a writer that waits.
    """
    _queue("SELECT pg_advisory_xact_lock(%s, %s)", name, key)


def queue_together(name: str, key: int) -> None:
    """Wait in the same queue, but only for those who are in it alone; those who queue together do not wait for each other."""
    _queue("SELECT pg_advisory_xact_lock_shared(%s, %s)", name, key)


def queue_is_mine(name: str, key: int = 0) -> bool:
    """Lock the queue alone if it is empty, without waiting; return whether it was locked."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _numbers(name, key))
        return bool(cursor.fetchone()[0])


def _queue(statement: str, name: str, key: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, _numbers(name, key))


def _numbers(name: str, key: int) -> tuple[int, int]:
    """The two 32-bit numbers of an advisory lock. Two keys 2³¹ apart share a queue, which costs a wait and nothing else."""
    return zlib.crc32(name.encode()) - 2**31, key % 2**31
