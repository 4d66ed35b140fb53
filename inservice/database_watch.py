"""A database that accepts a statement and never answers must not hold a request for ever.

PostgreSQL's own limits are kept by the server, which may be what is frozen, and a limit on the client's side would break long exports. So
when a request takes longer than a moment, a thread of its own opens a second connection. Does the database not answer that one either, the
connections of the waiting requests are cut, and each of them ends with the page for an outage (`inservice.faults`).
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponse

# Seconds: a request is looked at from this age on; how often; how long the second connection may take; how long its answer holds.
LATE = 0.75
TICK = 0.25
PATIENCE = 1.75
HOLDS = 2.0


class Watch:
    """The requests that run in this process, by thread, and the thread that looks at them."""

    def __init__(self, answers: Callable[[], None]) -> None:
        self._answers = answers
        self._running: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._pid = 0
        self._probe: threading.Thread | None = None

    def begin(self, database: Any) -> None:
        self._running[threading.get_ident()] = (time.monotonic(), database)
        if self._pid != os.getpid():
            self._start()

    def end(self) -> None:
        self._running.pop(threading.get_ident(), None)

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._look, name="database-watch", daemon=True).start()

    def _look(self) -> None:
        good_until = 0.0
        while True:
            time.sleep(TICK)
            late = self._late()
            if not late or time.monotonic() < good_until:
                continue
            if self._reachable():
                good_until = time.monotonic() + HOLDS
            else:
                self._cut(late)

    def _late(self) -> dict[int, tuple[float, Any]]:
        before = time.monotonic() - LATE
        return {ident: row for ident, row in list(self._running.items()) if row[0] < before}

    def _reachable(self) -> bool:
        """Whether the database answers at all, were it with an error. One question at a time: an open one is still waiting."""
        if self._probe is None or not self._probe.is_alive():
            self._probe = threading.Thread(target=self._ask, name="database-probe", daemon=True)
            self._probe.start()
        waited = 0.0
        while self._probe.is_alive() and waited < PATIENCE:
            started = time.monotonic()
            self._probe.join(TICK)
            # A machine that is too busy to wake this thread in time says nothing about the database.
            waited += min(time.monotonic() - started, 2 * TICK)
        return not self._probe.is_alive()

    def _ask(self) -> None:
        with contextlib.suppress(DatabaseError):
            self._answers()

    def _cut(self, late: dict[int, tuple[float, Any]]) -> None:
        for ident, row in late.items():
            if self._running.get(ident) == row:
                _shut(row[1].connection)


def _shut(driver_connection: Any) -> None:
    """End the socket below a connection, on which another thread waits; that thread then meets an error."""
    if driver_connection is None:  # still connecting, which has a limit of its own
        return
    try:
        with socket.socket(fileno=os.dup(driver_connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError, DatabaseError, driver_connection.InterfaceError):
        return  # closed meanwhile


def _select_one() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


watch = Watch(_select_one)


class DatabaseWatchMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.DATABASE_WATCH:
            return self.get_response(request)
        watch.begin(connections["default"])
        try:
            return self.get_response(request)
        finally:
            watch.end()
