"""Long work pauses, so that those who wait for a page have the machine and the database for themselves again and again.

A worker runs at a lower priority than the pages (`deploy/systemd`), but its statements do not: on a machine of two cores every seventh
enrolment took half as long again while the staff of a whole country moved. Work of a few seconds never pauses (docs/adr/0049).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

# Seconds: the first ones of a piece of work, the work between two pauses, and the longest pause.
AT_FULL_SPEED, BETWEEN, LONGEST = 5.0, 0.2, 2.0


class Pace:
    """A wrapper of a connection's statements: it pauses before one, when there was work for long enough since the last pause.

    A pause takes `times` as long as the work before it.
    """

    def __init__(self, times: float) -> None:
        self.times = times
        self._since = time.monotonic()
        self._full_speed_until = self._since + AT_FULL_SPEED

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        self._pause()
        return execute(sql, params, many, context)

    def _pause(self) -> None:
        now = time.monotonic()
        if now < self._full_speed_until:
            self._since = now
        elif now - self._since >= BETWEEN:
            time.sleep(min(LONGEST, self.times * (now - self._since)))
            self._since = time.monotonic()


@contextmanager
def with_pauses() -> Iterator[None]:
    """Let what is done inside pause between its statements (`JOB_PAUSE`)."""
    if settings.JOB_PAUSE <= 0:
        yield
        return
    with connection.execute_wrapper(Pace(settings.JOB_PAUSE)):
        yield
