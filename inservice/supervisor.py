"""`python -m inservice.supervisor`: web, worker and beat of one machine under one parent, for a trial or a small site.

Prepares the database, starts the processes and prints the URL of the site. A process that ends is started again, after a pause
that grows with each failed start; the others go on meanwhile. Everything ends together with the supervisor, even when it is
killed (`inservice.guardian`).
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from inservice.environment import Environment, own_file
from inservice.guardian import GRACE, signal_group
from inservice.startup import ending_with_a_sentence

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LONG_ENOUGH = 30.0  # a process that lived this many seconds was not a failed start
TICK = 0.2
# A supervisor that was killed leaves its processes to the guardian, which needs this long at most.
WAIT_FOR_LOCK = GRACE + 5


def main() -> int:
    with ending_with_a_sentence():
        return _main()


def _main() -> int:
    port = Environment().int("PORT", default=8000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    embedded = not os.environ.get("DATABASE_URL")
    os.environ.setdefault("DEMO", "1" if embedded else "0")
    os.environ.setdefault("ALLOW_LOCAL_SECRET", "1")
    if _taken(port):
        log(f"Port {port} is in use. Choose another one: PORT={port + 1} script/server")
        return 1
    from django.conf import settings

    place = own_file("VAR_DIR", settings.VAR_DIR / "supervisor.lock")
    lock = exclusive(place)
    if lock is None:
        log(f"Another script/server runs on {settings.VAR_DIR}. Give this one a folder of its own: VAR_DIR=…")
        return 1
    demo = _prepare()
    return Supervisor(commands(port), port, demo, lock=lock).run()


def log(text: str) -> None:
    """Print to standard error. A full disk behind it ends nothing."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def exclusive(path: Path, seconds: float = WAIT_FOR_LOCK) -> int | None:
    """Lock a file for this process and its guardian, so that a folder never has two beats. Return None when another has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                return None
            time.sleep(TICK)
        else:
            return handle


def _prepare() -> str:
    """Migrate what is pending, collect the static files, load the demonstration once. Return its log-ins."""
    import io

    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # `call_command` leaves the checks out. A mistake in these settings ends the start with its sentence.
    call_command("check", tags=["retention"], stdout=io.StringIO())
    if settings.MIGRATE_DATABASE_URL:
        # As the owner of the tables, whom the settings choose by the command.
        for words in (["migrate", "--verbosity", "0", "--no-input"], ["grant_app_role"]):
            subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True)
    else:
        call_command("migrate", verbosity=0, interactive=False)
    if not settings.WHITENOISE_USE_FINDERS:
        # The pages look up each file in the manifest that this writes.
        call_command("collectstatic", verbosity=0, interactive=False)
    if os.environ.get("DEMO") != "1":
        call_command("refresh_lights", stdout=io.StringIO())
        return ""
    said = io.StringIO()
    with contextlib.redirect_stderr(sys.stderr):
        call_command("load_demo", stdout=said)
    call_command("refresh_lights", stdout=io.StringIO())
    return said.getvalue()


def commands(port: int) -> dict[str, list[str]]:
    """The processes of one machine. Beat is a process of its own, so that its end is seen and there is never a second one."""
    python = [sys.executable, "-m"]
    web = [
        *python,
        "gunicorn",
        "inservice.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--threads",
        "4",
        # Loaded once for all workers (docs/scaling.md).
        "--preload",
    ]
    celery = [*python, "celery", "--quiet", "-A", "inservice"]
    # Workers of one machine do not need to gossip; with the filesystem broker each message would be a file.
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    said = ["--loglevel", "warning"]
    children = {"web": [*web, "--log-level", "warning"], "beat": [*celery, "beat", *said]}
    if os.environ.get("REDIS_URL"):
        # Mail has a worker of its own, so that a slow mail server holds no job.
        worker = [*celery, "worker", "--concurrency"]
        jobs, mail = [*worker, "2", *said, "-Q", "celery"], [*worker, "1", *said, "-Q", "mail"]
        return children | {"worker": jobs, "mail": [*mail, "-n", "mail@%h"]}
    # One worker for both queues; a drain ends after OUTBOX_SECONDS.
    return children | {"worker": [*celery, "worker", "-P", "solo", *alone, *said]}


@dataclass
class Child:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        # An own session: Ctrl-C reaches the supervisor alone, which ends the whole group in order.
        self.process = subprocess.Popen(self.command, cwd=ROOT, start_new_session=True)
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to the process and its children."""
        if self.process is not None:
            signal_group(self.process.pid, number)


class Supervisor:
    """Keep the processes `wanted` (name → command) running until SIGINT, SIGTERM or SIGHUP."""

    def __init__(
        self,
        wanted: dict[str, list[str]],
        port: int = 0,
        demo: str = "",
        *,
        lock: int | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.children = [Child(name, command) for name, command in wanted.items()]
        self.port = port
        self.demo = demo
        self.lock = lock
        self.first_pause = first_pause
        self.guardian: subprocess.Popen[bytes] | None = None
        self.announced = not port
        self.stopping = False

    def run(self) -> int:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        try:
            while not self.stopping:
                self._tend()
                if not self.announced:
                    self.announced = self._announce()
                time.sleep(TICK)
        finally:
            self._end_all()
        return 0

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _tend(self) -> None:
        """One round: a guardian for all, each process that is due started, each that has ended noted."""
        if self.guardian is None or self.guardian.poll() is not None:
            self._start_guardian()
        for child in self.children:
            if child.alive:
                continue
            if child.process is not None and child.due == 0.0:
                self._note_end(child, child.process.returncode)
            if time.monotonic() >= child.due:
                self._start(child)

    def _note_end(self, child: Child, code: int) -> None:
        lived = time.monotonic() - child.started
        child.failures = 1 if lived > LONG_ENOUGH else child.failures + 1
        pause = min(self.first_pause * 2 ** min(child.failures - 1, 16), LONGEST_PAUSE)
        child.due = time.monotonic() + pause
        child.signal(signal.SIGTERM)
        log(f"{child.name} ended (exit {code}); starting it again in {pause:g} s.")

    def _start(self, child: Child) -> None:
        # What the last one left behind would do the work twice, or hold the port.
        child.signal(signal.SIGKILL)
        try:
            child.start()
        except OSError as error:  # no memory or no process left: later
            child.due = time.monotonic() + LONGEST_PAUSE
            log(f"{child.name} could not be started ({error}); trying again in {LONGEST_PAUSE:g} s.")
            return
        child.due = 0.0
        self._inform_guardian(child)

    def _start_guardian(self) -> None:
        command = [sys.executable, "-S", str(ROOT / "inservice/guardian.py")]
        kept = () if self.lock is None else (self.lock,)
        try:
            self.guardian = subprocess.Popen(
                command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=kept
            )
        except OSError as error:
            log(f"The guardian could not be started ({error}).")
            return
        for child in self.children:
            if child.alive:
                self._inform_guardian(child)

    def _inform_guardian(self, child: Child) -> None:
        if child.process is not None:
            self._write(f"{child.name} {child.process.pid}\n")

    def _write(self, line: str) -> None:
        if self.guardian is None or self.guardian.stdin is None:
            return
        with contextlib.suppress(OSError):  # it has died: the next round starts another one
            self.guardian.stdin.write(line.encode())
            self.guardian.stdin.flush()

    def _announce(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1)
        except OSError:
            return False
        with contextlib.suppress(OSError):
            print(f"\n  In-service training: http://127.0.0.1:{self.port}/   (Ctrl-C ends it)\n", flush=True)
            if self.demo:
                print("  Log-ins of the demonstration (e-mail, password, who):\n" + self.demo, flush=True)
        return True

    def _end_all(self) -> None:
        for child in self.children:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + GRACE
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()
        for child in self.children:
            # What a process left behind in its group ends with it.
            child.signal(signal.SIGKILL)
        if self.guardian is not None and self.guardian.stdin is not None:
            self._write("end\n")
            with contextlib.suppress(OSError):
                self.guardian.stdin.close()
            self.guardian.wait(GRACE)


if __name__ == "__main__":
    sys.exit(main())
