"""Running acts at once on connections of their own, and one act while another has not been saved yet."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

from django.db import connection, connections, transaction

THREADS = 25
Act = Callable[[], Any]
# A lock of a transaction names no database: its connection does.
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE NOT granted AND locktype = %s AND datname = current_database()
"""


def at_once(acts: Sequence[Act], threads: int = THREADS) -> list[Any]:
    """Run the acts on many connections, the first of them in the same instant; return results, or the errors raised."""
    gate = Barrier(min(threads, len(acts)))

    def run(number: int, act: Act) -> Any:
        try:
            if number < gate.parties:
                gate.wait(20)
            return act()
        except Exception as error:  # noqa: BLE001 - the test looks at whatever went wrong
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(len(acts)), acts))


def one_then_other(
    first: Act, second: Act, patience: float = 0.6, *, until_it_waits: bool = False
) -> list[Any]:
    """Do `first` and save it only after `second` has begun and either finished or waited for `patience` seconds.

    With `until_it_waits` only until the database shows a connection that waits for a lock, for at most `patience` seconds: on a busy
    machine no fixed time is long enough for `second` to get there. Return what became of both.
    """
    begun, over = Event(), Event()

    def slow() -> Any:
        try:
            with transaction.atomic():
                result = first()
                begun.set()
                until = time.monotonic() + patience
                while not over.wait(0.05 if until_it_waits else patience) and until_it_waits:
                    if _somebody_waits() or time.monotonic() > until:
                        break
                return result
        finally:
            begun.set()

    def other() -> Any:
        begun.wait(10)
        try:
            return second()
        finally:
            over.set()

    return at_once([slow, other])


def _somebody_waits() -> bool:
    """Return whether a connection to this database waits for a lock."""
    return _counts_now(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )


def _counts_now(statement: str, values: Sequence[str] = ()) -> bool:
    """Return whether a statement about connections counts any now."""
    with connection.cursor() as cursor:
        # A transaction sees the activity of its first look, unless its snapshot is cleared.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(statement, values)
        return bool(cursor.fetchone()[0])


def wait_until_somebody_waits(kind: str = "advisory", seconds: float = 5) -> None:
    """Return once a connection to this database waits for a lock of this kind (`pg_locks.locktype`), not one of another worker's."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _counts_now(WAITING, [kind]):
            return
        time.sleep(0.02)
    raise AssertionError("Nobody waits.")


@contextmanager
def impatient(milliseconds: int = 1500) -> Iterator[None]:
    """A statement on this connection that waits for a lock longer than this fails."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [milliseconds])
    yield
