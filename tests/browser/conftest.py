"""What the tests in Chromium begin with: a browser, a page in it, and a site with the demonstration."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler

from demo import events
from tests import kept
from tests.browser.contexts import TIMEOUT, Contexts, Lend
from tests.factories import reference_lists

# The same engine without windows, menus and tabs, which take a third of the time, where it is installed.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The pages of a context share a process.
    "--process-per-site",
]


@pytest.fixture(scope="session")
def contexts(django_db_setup: None, live_server: Any) -> Iterator[Contexts]:
    """Debian's Chromium, driven by Playwright. It ends before the server and the database do."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as play, pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", _for_an_hour(StaticFilesHandler.serve))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Contexts(browser, live_server.url)
        browser.close()


def _for_an_hour(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Let the browser keep scripts and styles instead of asking for each on each page, as in production."""

    def served(*args: Any) -> Any:
        response = serve(*args)
        response.headers["Cache-Control"] = "max-age=3600"
        return response

    return served


@pytest.fixture
def lend(contexts: Contexts) -> Iterator[Lend]:
    """Open a context with some options of Playwright for the length of a test: no cookies, no pages, but a warm cache."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(contexts.lent(**options))


@pytest.fixture
def browser_page(lend: Lend) -> Iterator[Any]:
    """A fresh page as a Taiwanese clerk would open it; errors on the page fail the test."""
    with without_errors(lend(locale="zh-TW").new_page()) as page:
        yield page


@contextmanager
def without_errors(page: Any) -> Iterator[Any]:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if _breaks_policy(page.url, said.text) else None)
    yield page
    assert not faults, faults


def _breaks_policy(url: str, text: str) -> bool:
    """Swagger UI decorates itself with inline styles, which the policy blocks (the page works without); all else is a fault."""
    decoration = url.endswith("/api/v1/docs/") and "style-src" in text
    return "Content Security Policy" in text and not decoration


@pytest.fixture
def site(live_server: Any) -> str:
    """The URL of a site with the demonstration."""
    kept.state("demonstration", demonstration)
    return str(live_server.url)


def demonstration() -> None:
    reference_lists()
    events.load()
