"""The site's own WSGI application between two switches that requests of `script/survive` turn by a header.

* `X-Survive-Point: 7` kills the process (`kill -9`) before the seventh statement of the request; `answered` after everything is
  committed and before the response, `sent` after it was sent.
* `X-Survive-Count` returns the number of statements in the header of that name.
* `X-Survive-Undo` rolls back what the request did, so that thousands of requests find the same rows.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from inservice.wsgi import application as site

ANSWERED, SENT = "answered", "sent"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Statements:
    """A wrapper of statements that counts them and dies before the one that is named."""

    def __init__(self, last: int) -> None:
        self.number, self.last = 0, last

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.number += 1
        if self.number == self.last:
            die()
        return execute(sql, params, many, context)


class Sent:
    """The body of a response; closing it, after the last byte was sent, kills the process."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        die()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    point, counts = environ.get("HTTP_X_SURVIVE_POINT", ""), "HTTP_X_SURVIVE_COUNT" in environ
    undo = "HTTP_X_SURVIVE_UNDO" in environ
    if not (point or counts or undo):
        return site(environ, start_response)
    from django.db import connection

    said: list[Any] = []

    def keep(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
        said[:] = [status, headers]

    watch = Statements(int(point) if point.isdigit() else 0)
    with _undone(undo), connection.execute_wrapper(watch):
        body = site(environ, keep)
        parts = list(body)
    if point == ANSWERED:
        die()
    if hasattr(body, "close"):
        body.close()
    start_response(said[0], [*said[1], ("X-Survive-Count", str(watch.number))])
    return Sent(parts) if point == SENT else parts


def _undone(undo: bool) -> AbstractContextManager[Any]:
    if not undo:
        return nullcontext()
    return _Undone()


class _Undone:
    """A transaction around a request that is rolled back at its end."""

    def __enter__(self) -> None:
        from django.db import transaction

        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error: Any) -> None:
        from django.db import connection, transaction

        if connection.in_atomic_block:
            transaction.set_rollback(True)
        self.block.__exit__(*error)
