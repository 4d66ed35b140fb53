"""The site's own WSGI application with switches that requests of `script/survive` turn by a header.

* `X-Survive-Point: 7` kills the process (`kill -9`) before the seventh statement of the request; `committed` after everything is
  committed and before the response, `sent` after it was sent.
* `X-Survive-Count` returns the number of statements in the header of that name.
* `X-Survive-Undo` rolls back what the request did, so that thousands of requests find the same rows.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection, transaction
from django.http.response import HttpResponseBase, StreamingHttpResponse

from inservice import wsgi
from survive.kill_points import COMMITTED, SENT


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


class Handler(WSGIHandler):
    """Django's own handler. The switches are inside of the signals with which it opens and closes connections."""

    def get_response(self, request: WSGIRequest) -> HttpResponseBase:  # type: ignore[override]
        point = request.headers.get("X-Survive-Point", "")
        watch = Statements(int(point) if point.isdigit() else 0)
        with undone("X-Survive-Undo" in request.headers), connection.execute_wrapper(watch):
            response = super().get_response(request)
            if isinstance(response, StreamingHttpResponse):
                # Read while the rows are there.
                response.streaming_content = list(response)
        if point == COMMITTED:
            die()
        response["X-Survive-Count"] = str(watch.number)
        return response


@contextmanager
def undone(wanted: bool) -> Iterator[None]:
    """Roll back what is done in the block."""
    if not wanted:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Sent:
    """The body of a response; closing it, after the last byte was sent, kills the process."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        die()


# `inservice.wsgi` loads everything as in production.
assert wsgi.application
site = Handler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body: Iterable[bytes] = site(environ, start_response)
    return Sent(body) if environ.get("HTTP_X_SURVIVE_POINT") == SENT else body
