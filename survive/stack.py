"""The real stack: PostgreSQL and Redis, the site as its supervisor runs it, a mail sink; everything ends with the caller.

This process uses the same database by Django's own connection, to prepare what a row needs and to count afterwards.
"""

import contextlib
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil

from survive.database import Postgres
from survive.mailbox import Mailbox
from survive.processes import ROOT, Guard
from tests.servers import Redis, free_port, wait_for

DATABASE, EMPTY = "survive", "survive_empty"
# A row looks at the outbox every second and need not wait for the minute of beat.
USUAL = {
    "ALLOW_LOCAL_SECRET": "1",
    "MFA_REQUIRED": "false",
    "OUTBOX_EVERY": "2",
    "LOG_FORMAT": "line",
    "LOG_LEVEL": "WARNING",
    "DEFAULT_FROM_EMAIL": "site@survive.example",
    # Thousands of people of one school address log in; the limits of tries have tests of their own.
    "LOGIN_ADDRESS_LIMIT": "100000",
    # So do the rows that use the interface for programs; its limits have tests of their own, too.
    "API_RATE_KEY": "",
    "API_RATE_ADDRESS": "",
    "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
}


class Site:
    """A running supervisor with its web processes, workers and beat."""

    def __init__(self, environment: dict[str, str], folder: Path, **more: str) -> None:
        self.port = free_port()
        self.environment = environment | {"PORT": str(self.port)} | more
        self.path = folder / f"site-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, guard: Guard | None = None) -> None:
        with self.path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "survive.site"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        if guard:
            guard.note("site", self.process.pid)
        if not wait_for(self.serves, 120):
            raise RuntimeError(f"The site did not start: {self.log()[-3000:]}")

    def serves(self) -> bool:
        """Return whether the site is well."""
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5)
            return True
        return False

    def child(self, *words: str) -> psutil.Process | None:
        """Return the supervisor's own child whose command has all the words; None while it is being started again."""
        if self.process is None:
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    if all(word in one.cmdline() for word in words):
                        return one
        return None

    def workers_of_web(self) -> list[psutil.Process]:
        """Return the processes that serve requests, below gunicorn's master."""
        master = self.child("gunicorn")
        with contextlib.suppress(psutil.NoSuchProcess):
            return [one for one in master.children() if one.is_running()] if master else []
        return []

    def log(self) -> str:
        return self.path.read_text(errors="replace") if self.path.exists() else ""

    def end(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def _local_secret() -> str:
    return (Path(os.environ["VAR_DIR"]) / "secret_key").read_text().strip()


class Stack:
    """Everything that runs. `postgres`, `redis`, `mailbox` and `site` may be killed, stopped and started by a row."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="inservice-survive-"))
        self.folder.chmod(0o755)
        # What `script/test` has migrated already; the key in the same VAR_DIR signs its record.
        self.dump = Path(os.environ.get("MIGRATED_DUMP", ""))
        self.secret = _local_secret() if self.dump.is_file() else secrets.token_urlsafe(64)
        self.exit = contextlib.ExitStack()
        self.exit.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.guard = Guard()
        self.exit.callback(self.guard.end)

    def start(self) -> None:
        (self.folder / "postgres").mkdir()
        self.postgres = Postgres(self.folder / "postgres")
        self.exit.callback(self.postgres.end)
        self.start_postgres()
        self.redis = Redis()
        self.exit.callback(self.redis.end)
        self.start_redis()
        self.mailbox = Mailbox()
        self.exit.callback(self.mailbox.away)
        self.postgres.create(DATABASE)
        if self.dump.is_file():
            with self.dump.open("rb") as dump:
                self.postgres.load(dump, DATABASE)
        os.environ.update(self.environment())
        self._set_up()
        self.site = self.another_site()

    def start_postgres(self) -> None:
        self.postgres.start()
        if self.postgres.process:
            self.guard.note("postgres", self.postgres.process.pid)

    def start_redis(self) -> None:
        self.redis.start()
        if self.redis.process:
            self.guard.note("redis", self.redis.process.pid)

    def environment(self, database: str = DATABASE) -> dict[str, str]:
        """Return the environment of every process of the site."""
        kept = {name: value for name, value in os.environ.items() if name not in ("DEMO", "PYTHONWARNINGS")}
        return kept | USUAL | {
            "DJANGO_SETTINGS_MODULE": "inservice.settings",
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.redis.url,
            "EMAIL_URL": self.mailbox.url,
            "VAR_DIR": str(self.folder / "var"),
            # Every site of a run, whatever its folder, shares it.
            "SECRET_KEY": self.secret,
        }  # fmt: skip

    def another_site(self, database: str = DATABASE, **more: str) -> Site:
        """Start a site, which ends with the stack."""
        site = Site(self.environment(database), self.folder, **more)
        self.exit.callback(site.end)
        site.start(self.guard)
        return site

    def _set_up(self) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from kit import catalogues

        catalogues.compile_stale(ROOT / "locale")
        settings.DATABASE_WATCH = False
        # While Redis is away this process says so with a trace for each job; the row looks at what becomes of the jobs.
        logging.getLogger("jobs.actions").setLevel(logging.CRITICAL)
        # People of the rows are made by thousands; nobody's password is what a row is about.
        settings.PASSWORD_HASHERS = [
            *settings.PASSWORD_HASHERS,
            "django.contrib.auth.hashers.MD5PasswordHasher",
        ]
        call_command("migrate", verbosity=0, interactive=False)
        self.forget_connections()
        self.postgres.create(EMPTY, DATABASE)

    def another_server(self, name: str, folder: Path | None = None) -> Postgres:
        """Start another PostgreSQL with the tables of the site; it ends with the stack, or earlier by its `end`."""
        place = folder or self.folder / name
        place.mkdir(exist_ok=True)
        server = Postgres(place)
        self.exit.callback(server.end)
        server.start()
        if server.process:
            self.guard.note(name, server.process.pid)
        server.create(DATABASE)
        self.postgres.copy_tables(EMPTY, server, DATABASE)
        return server

    def mend(self) -> list[str]:
        """Start again what a row that broke has left ended; return the names."""
        parts: dict[str, tuple[subprocess.Popen[bytes] | None, Callable[[], None]]] = {
            "PostgreSQL": (self.postgres.process, self.start_postgres),
            "Redis": (self.redis.process, self.start_redis),
            "the site": (self.site.process, partial(self.site.start, self.guard)),
        }
        self.mailbox.back()
        ended = [
            name for name, (process, _) in parts.items() if process is None or process.poll() is not None
        ]
        for name in ended:
            parts[name][1]()
        if ended:
            self.forget_connections()
        return ended

    def facts(self) -> dict[str, str]:
        """Return what the report says of the database."""
        version = str(self.postgres.run("SHOW server_version")[0][0])
        return {"PostgreSQL": version} | self.postgres.settings_that_ship()

    @contextlib.contextmanager
    def another_database(self, name: str, template: str = EMPTY) -> Iterator[None]:
        """Let this process work on a copy of a database, of the empty one with its tables, which goes with the block."""
        from bench.sets import database

        self.forget_connections()
        self.postgres.create(name, template)
        try:
            with database(name):
                yield
        finally:
            self.postgres.drop(name)

    def keep_logs(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for path in [*self.folder.glob("*.log"), self.postgres.folder / "log"]:
            shutil.copy(path, folder / path.name)

    def forget_connections(self) -> None:
        """After PostgreSQL was killed or stopped this process connects anew."""
        from django.db import connections

        connections.close_all()

    def end(self) -> None:
        with contextlib.suppress(Exception):
            self.forget_connections()
        self.exit.close()


@contextlib.contextmanager
def running() -> Iterator[Stack]:
    stack = Stack()
    try:
        stack.start()
        yield stack
    finally:
        # A second Ctrl-C must not leave half of it running.
        before = {name: signal.signal(name, signal.SIG_IGN) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            stack.end()
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)


def family() -> set[int]:
    """Return the processes below this one."""
    return {one.pid for one in psutil.Process().children(recursive=True)}
