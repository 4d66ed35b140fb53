"""Contexts of the browser, lent to one test after another.

A new context starts a process and loads every script and style again, which takes most of a second. Here a context keeps its cache and,
through a page that stays open, its process; cookies, pages and what a test did to them go with the test.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client

from accounts.models import User

DESK = {"width": 1280, "height": 900}
TIMEOUT = 15000
Lend = Callable[..., Any]


@dataclass
class Contexts:
    """The contexts of one browser, by what they were opened with."""

    browser: Any
    site: str
    _free: dict[str, list[Any]] = field(default_factory=dict)
    # The addresses that threads of the server are at work on.
    _busy: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        request_started.connect(self._begin, weak=False)
        request_finished.connect(self._end, weak=False)

    @contextlib.contextmanager
    def lent(self, *, kind: str = "", **options: Any) -> Iterator[Any]:
        """Lend a context without cookies or pages of a test; take it back when no request of it is under way.

        What cannot be taken from a context again (a script of its own, a clock that is moved) has a `kind` of its own.
        """
        free = self._free.setdefault(repr((kind, sorted(options.items()))), [])
        context = free.pop() if free else self._open(options)
        yield context
        # Nothing more leaves the browser, and what has left it still finds the rows of its test.
        context.set_offline(True)
        for page in context.pages[1:]:
            page.close()
        self._wait_for_rest()
        context.clear_cookies()
        context.set_offline(False)
        free.append(context)

    def _open(self, options: dict[str, Any]) -> Any:
        context = self.browser.new_context(
            **{"timezone_id": "Asia/Taipei", "reduced_motion": "reduce", "viewport": DESK} | options
        )
        context.set_default_timeout(TIMEOUT)
        context.new_page().goto(f"{self.site}/static/favicon.svg")
        return context

    def _begin(self, environ: dict[str, Any] | None = None, **_: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            self._busy[threading.get_ident()] = (environ or {}).get("PATH_INFO", "")

    def _end(self, **_: Any) -> None:
        self._busy.pop(threading.get_ident(), None)

    def _wait_for_rest(self) -> None:
        """Wait until the server is at rest at two looks in a row: what was sent just now may not have begun at the first."""
        until, at_rest = time.monotonic() + TIMEOUT / 1000, 0
        while at_rest < 2:
            assert time.monotonic() < until, f"after the test the server goes on with {self._busy}"
            time.sleep(0.01)
            at_rest = 0 if self._busy else at_rest + 1


def follow(page: Any, selector: str) -> None:
    """Click what leads to another page, and wait until that page is there with its scripts."""
    with page.expect_navigation():
        page.click(selector)


def log_in(context: Any, site: str, user: User) -> None:
    """Log in by a session, without the log-in page."""
    client = Client()
    client.force_login(user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site}])
