"""Cut off a database that accepts a statement and never replies, so that requests do not hang.

PostgreSQL's own limits are kept by the server, which may be what is frozen, and a limit on the client's side would break long
exports. So when a request takes longer than a moment and no statement of this process has ended meanwhile, an empty query is
sent over a second connection. If that gets no reply either, the connections of the waiting requests are cut, and each of them
ends with the page for an outage (the project's `handler500`). Waiting for a lock, or a busy machine, does not count as silence.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse

# Seconds: the age from which a request is watched; the interval; the time limit of the probe on the second connection; how long
# its result is valid; how long the connection is kept for the next probe.
LATE = 0.75
TICK = 0.25
PATIENCE = 2.0
HOLDS = 2.0
PROBE_IDLE_SECONDS = 60.0
# An immediate refusal (too many connections, a server that is down) is a reply; a slow one is a time-out.
AT_ONCE = 1.0


class Probe:
    """A thread with a connection of its own, kept while it is needed: on a busy machine a new one would take as long as a silent one."""

    def __init__(self) -> None:
        self._wanted, self._idle = threading.Event(), threading.Event()
        self._idle.set()
        self._ok = True
        self._database: Any = None
        threading.Thread(target=self._run, name="database-probe", daemon=True).start()

    def is_answered(self, otherwise: Callable[[], bool]) -> bool:
        """Return whether the database replies in time, or `otherwise` becomes true meanwhile. An earlier probe that is still
        open counts.
        """
        if self._idle.is_set():
            self._idle.clear()
            self._wanted.set()
        waited = 0.0
        while waited < PATIENCE:
            started = time.monotonic()
            if self._idle.wait(TICK):
                return self._ok
            if otherwise():
                return True
            # A machine that is too busy to wake this thread in time proves nothing about the database.
            waited += min(time.monotonic() - started, 2 * TICK)
        if self._database is not None:
            shut(self._database.connection)
        return False

    def _run(self) -> None:
        self._database = connections["default"]
        while True:
            if not self._wanted.wait(PROBE_IDLE_SECONDS):
                self._database.close()
                self._wanted.wait()
            self._wanted.clear()
            started = time.monotonic()
            answered = self._ask()
            self._ok = answered or time.monotonic() - started < AT_ONCE
            self._idle.set()

    def _ask(self) -> bool:
        try:
            with self._database.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            with contextlib.suppress(DatabaseError):
                self._database.close()
            return False
        return True


class Watchdog:
    """The requests that run in this process, by thread, and the thread that looks at them."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._pid = 0
        self._last_answer = 0.0

    def begin(self, database: Any) -> None:
        self._running[threading.get_ident()] = (time.monotonic(), database)
        if self._pid != os.getpid():
            self._start()

    def end(self) -> None:
        self._running.pop(threading.get_ident(), None)

    def note_answer(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """A wrapper of statements: each that ends shows that the database is there."""
        result = execute(sql, params, many, context)
        self._last_answer = time.monotonic()
        return result

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._look, name="database-watchdog", daemon=True).start()

    def _look(self) -> None:
        probe: Probe | None = None
        good_until = 0.0
        while True:
            time.sleep(TICK)
            late = self._late()
            if not late or self._answered_lately() or time.monotonic() < good_until:
                continue
            probe = probe or Probe()
            if probe.is_answered(otherwise=self._answered_lately):
                good_until = time.monotonic() + HOLDS
            else:
                self._cut(late)

    def _late(self) -> dict[int, tuple[float, Any]]:
        before = time.monotonic() - LATE
        return {ident: row for ident, row in list(self._running.items()) if row[0] < before}

    def _answered_lately(self) -> bool:
        return time.monotonic() - self._last_answer < LATE

    def _cut(self, late: dict[int, tuple[float, Any]]) -> None:
        for ident, row in late.items():
            if self._running.get(ident) == row:
                shut(row[1].connection)


def shut(driver_connection: Any) -> None:
    """End the socket below a connection, on which another thread waits; that thread then meets an error."""
    if driver_connection is None:  # still connecting, which has a limit of its own
        return
    try:
        with socket.socket(fileno=os.dup(driver_connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError, DatabaseError, driver_connection.InterfaceError):
        return  # closed meanwhile


watchdog = Watchdog()


class DatabaseWatchdogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.DATABASE_WATCH:
            return self.get_response(request)
        database = connections["default"]
        watchdog.begin(database)
        try:
            with database.execute_wrapper(watchdog.note_answer):
                return self.get_response(request)
        finally:
            watchdog.end()
