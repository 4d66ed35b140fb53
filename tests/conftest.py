"""What every test needs: fast hashing, mail in memory, the network closed but for loopback."""

import gc
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db.backends.signals import connection_created
from django.test import override_settings
from django.test.signals import setting_changed
from django.utils import translation

from kit import catalogues
from kit.code_version import keyed
from kit.pdf import font_cuts

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the tests' own thread.


# Python looks for garbage seldom, and not among the modules, the tests and the models: a fifth of the tests' time went there.
gc.set_threshold(100_000, 50, 20)


def pytest_collection_finish(session: pytest.Session) -> None:
    _keep_for_good()


def _keep_for_good() -> None:
    """Leave what there is now out of later collections of garbage."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Compile the Chinese catalogue: it is not committed, and the pages that the tests read are Chinese. Name the migrated database."""
    if catalogues.compile_stale(config.rootpath / "locale"):
        # Django has loaded what was there before.
        setting_changed.send(pytest, setting="LOCALE_PATHS", value=settings.LOCALE_PATHS, enter=True)
    database = settings.DATABASES["default"]
    if (template := os.environ.get("MIGRATED_POSTGRES")) and "postgresql" in database["ENGINE"]:
        # Begin with a copy of the database that `script/test` migrated: the migrations then find nothing to do.
        database.setdefault("TEST", {})["TEMPLATE"] = template


@pytest.fixture(scope="session", autouse=True)
def _own_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each worker keeps what people send in a folder of its own: a test that throws away what no row names would take another's."""
    folder, default = tmp_path_factory.mktemp("files"), settings.STORAGES["default"]
    media = {**default, "OPTIONS": {**default["OPTIONS"], "location": str(folder / "media")}}
    uploads = folder / "uploads"
    uploads.mkdir()
    with override_settings(STORAGES={**settings.STORAGES, "default": media}, FILE_UPLOAD_TEMP_DIR=uploads):
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each worker has a folder for temporary files as well: a test that throws away old ones, at a later time of its own, would take
    those of another worker, or of a site on this machine.

    Its path is short, as sockets are in it, and other accounts reach what is theirs below it.
    """
    tmp_path_factory.getbasetemp()
    folder, former = Path(tempfile.mkdtemp(prefix="t")), tempfile.tempdir
    folder.chmod(0o711)
    tempfile.tempdir = str(folder)
    yield
    tempfile.tempdir = former
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _cut_fonts_once() -> Iterator[None]:
    """Cut a font to the same characters once: that takes half a second, and each demonstration makes the same documents."""
    cut, known = font_cuts._cut, dict[tuple[str, frozenset[str]], bytes]()

    def once(font: str, characters: set[str], folder: Path) -> Path:
        key, path = (font, frozenset(characters)), folder / font_cuts.FILES[font]
        if key in known:
            path.write_bytes(known[key])
        else:
            known[key] = cut(font, characters, folder).read_bytes()
        return path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(font_cuts, "_cut", once)
        yield


@pytest.fixture(scope="session")
def _no_garbage() -> None:
    """Let migrations make their thousands of models first: they are collected at once afterwards."""
    gc.disable()


@pytest.fixture(scope="session")
def _migrated() -> Iterator[None]:
    """Begin with the rows and tables of the file that `script/test` migrated beside its checks, if there is one: the migrations then
    find nothing to do.
    """
    file = os.environ.get("MIGRATED_SQLITE", "")

    def fill(connection: Any, **facts: Any) -> None:
        if connection.vendor == "sqlite" and connection.is_in_memory_db() and not _tables(connection):
            with closing(sqlite3.connect(file)) as source:
                source.backup(connection.connection)
            connection_created.disconnect(fill)

    if Path(file).is_file():
        connection_created.connect(fill)
    yield
    connection_created.disconnect(fill)


def _tables(connection: Any) -> int:
    return int(connection.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


@pytest.fixture(scope="session")
def django_db_setup(
    _no_garbage: None, _migrated: None, django_db_setup: None, django_db_blocker: Any
) -> None:
    from tests import kept

    with django_db_blocker.unblock():
        kept.empty_by_rows()
    _keep_for_good()
    gc.enable()


@pytest.fixture(scope="session")
def _witnesses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One path after another of a file that is not there. `tmp_path` for each test took a fiftieth of the time: to make a
    folder it lists those of all tests before.
    """
    folder = tmp_path_factory.mktemp("witnesses")
    return (folder / f"audit-witness-{number}.jsonl" for number in count())


@pytest.fixture(autouse=True)
def _house_settings(settings: Any, _witnesses: Iterator[Path]) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    # One database a test, but one folder for all: the witness of one test must not judge the next.
    settings.AUDIT_WITNESS = str(next(_witnesses))
    # Each client of a test would list and stat all files.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.DATABASE_WATCH = False  # its own connection would outlive a test's database
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "")  # tests of the limits set their own
    translation.deactivate()  # the language of the last request of another test
    cache.clear()  # it outlives a test, and the next one's people have the same numbers
    cache.set(
        keyed("accounts:days-off"), {}
    )  # no day is added, and none is looked up where a test has no database
    # As in the demonstration; tests of the second step switch it on (`second_step`).
    profiles = settings.PASSWORD_PROFILES
    settings.PASSWORD_PROFILES = {**profiles, "tw-gov": {**profiles["tw-gov"], "mfa": False}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def second_step(settings: Any, _house_settings: None) -> None:
    """Business accounts need the second step of the log-in, as in production."""
    profiles = settings.PASSWORD_PROFILES
    settings.PASSWORD_PROFILES = {**profiles, "tw-gov": {**profiles["tw-gov"], "mfa": True}}


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture
def recorded(db: None, second_step: None, settings: Any, run_folder: Path) -> Callable[[str], Any]:
    """The responses of the whole site to a role, requested once per database and run (tests/security/recording.py)."""
    from tests.security import recording

    settings.LOGIN_ADDRESS_LIMIT = 1000
    return lambda role: recording.recorded(role, run_folder)


@pytest.fixture(autouse=True)
def _an_ordinary_day(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests stand on 24 November 2026, 09:00 in Taipei, so that "forty days ago" lies in the same year; time goes on from there.

    Tests with another process beside them (`redis`, `own_clock`) keep the machine's own clock.
    """
    if request.node.get_closest_marker("redis") or request.node.get_closest_marker("own_clock"):
        yield
        return
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Taipei")), tick=True):
        yield


@pytest.fixture(autouse=True)
def _closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def only_loopback(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise AssertionError(f"A test reached for the network: {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_loopback)


# --- What runs on both databases (docs/testing.md) -------------------------------------------------------------------
# Half a minute and more in one test, or in what a module starts once: split among the workers, each would start it.
LONGEST = ("tests/upgrade/", "tests/flows/test_the_year.py", "tests/worker/test_supervisor.py")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}
BESIDE_SERVERS = ("postgres", "redis", "browser")
_left_to_sqlite = pytest.StashKey[int]()


def needs_no_database(item: pytest.Item) -> bool:
    """Whether a test needs no database, or is marked as independent of what a database does (`once`)."""
    if any(item.get_closest_marker(name) for name in BESIDE_SERVERS):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    asks = item.get_closest_marker("django_db") or DATABASE_FIXTURES & fixtures
    return not asks or item.get_closest_marker("once") is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that no worker waits for another at the end. Leave the tests without a database to the SQLite part."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        return
    left = [item for item in items if needs_no_database(item)]
    config.stash[_left_to_sqlite] = len(left)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Under xdist the workers collect: each reports the number that it left out, which is the same."""
    node.config.stash[_left_to_sqlite] = getattr(node, "workeroutput", {}).get("left_to_sqlite", 0)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if number := config.stash.get(_left_to_sqlite, 0):
        terminalreporter.write_line(f"{number} tests without a database run in the SQLite part only.")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """`script/test --all` counts a skipped test as a failure (NO_SKIPS=1)."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_to_sqlite"] = session.config.stash.get(_left_to_sqlite, 0)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("NO_SKIPS") and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
