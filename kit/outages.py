"""Faults that pass by themselves: the database is away, overloaded or without space. They are a 503 and not a fault of the site."""

import errno
import sqlite3
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

# SQLSTATE: connection, resources, intervention (also a statement that took too long), system; a lock that was not free in time; a server
# that takes no writes, as after a switch to its stand-by.
CLASSES = ("08", "53", "57", "58")
STATES = {"55P03", "25006"}
# SQLite's primary codes: busy, locked, read-only, input or output, full, cannot open.
SQLITE = {5, 6, 8, 10, 13, 14}
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def is_outage(error: BaseException | None) -> bool:
    """Whether this fault, or one that it follows from, is an outage."""
    return any(_is_outage(one) for one in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in NO_SPACE
    if isinstance(error, InterfaceError):  # "connection already closed"; SQLite means a wrong value by it
        return not isinstance(error.__cause__, sqlite3.Error)
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    sqlite_code = getattr(cause, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in SQLITE
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    # Errors without a state: refused, cut off, or timed out before the server replied.
    return state is None or state in STATES or state.startswith(CLASSES)
