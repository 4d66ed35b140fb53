"""`python -m inservice.supervisor`: web, worker and beat of one machine under one parent, for a trial or a small site.

Prepares the database, starts the processes, says where the site is, restarts what dies, and ends all of them together.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_DEATHS = 5
LONG_ENOUGH = 30.0  # a process that lived this many seconds was not a failed start
SLOWEST_START = 60.0


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    embedded = not os.environ.get("DATABASE_URL")
    os.environ.setdefault("DEMO", "1" if embedded else "0")
    os.environ.setdefault("ALLOW_LOCAL_SECRET", "1")
    if _taken(port):
        print(f"Port {port} is in use. Choose another one: PORT={port + 1} script/server", file=sys.stderr)
        return 1
    demo = _prepare()
    return Supervisor(commands(port), port, demo).run()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _prepare() -> str:
    """Migrate what is pending, load the demonstration once; answers its log-ins."""
    import contextlib
    import io

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if os.environ.get("DEMO") != "1":
        call_command("refresh_lights", stdout=io.StringIO())
        return ""
    said = io.StringIO()
    with contextlib.redirect_stderr(sys.stderr):
        call_command("load_demo", stdout=said)
    call_command("refresh_lights", stdout=io.StringIO())
    return said.getvalue()


def commands(port: int) -> dict[str, list[str]]:
    """The processes of one machine. With Redis worker and beat are two; the embedded broker's worker carries beat itself."""
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
    if os.environ.get("REDIS_URL"):
        return {
            "web": [*web, "--log-level", "warning"],
            "worker": [*celery, "worker", "--loglevel", "warning", "--concurrency", "2"],
            "beat": [*celery, "beat", "--loglevel", "warning"],
        }
    return {
        "web": [*web, "--log-level", "warning"],
        "worker": [*celery, "worker", "-B", "-P", "solo", "--loglevel", "warning"],
    }


class Supervisor:
    def __init__(self, wanted: dict[str, list[str]], port: int, demo: str) -> None:
        self.wanted = wanted
        self.port = port
        self.demo = demo
        self.running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self.deaths: dict[str, int] = {}
        self.stopping = False

    def run(self) -> int:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        try:
            for name in self.wanted:
                self._start(name)
            self._announce()
            return self._watch()
        finally:
            self._end_all()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _start(self, name: str) -> None:
        # An own session: Ctrl-C reaches the supervisor alone, which ends the whole group in order.
        process = subprocess.Popen(self.wanted[name], cwd=ROOT, start_new_session=True)
        self.running[name] = (process, time.monotonic())

    def _announce(self) -> None:
        until = time.monotonic() + SLOWEST_START
        while time.monotonic() < until and not self.stopping and self._alive("web"):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2)
            except OSError:
                time.sleep(0.1)
                continue
            print(f"\n  In-service training: http://127.0.0.1:{self.port}/   (Ctrl-C ends it)\n", flush=True)
            if self.demo:
                print("  Log-ins of the demonstration (e-mail, password, who):\n" + self.demo, flush=True)
            return

    def _alive(self, name: str) -> bool:
        return self.running[name][0].poll() is None

    def _watch(self) -> int:
        while not self.stopping:
            time.sleep(0.3)
            for name in list(self.running):
                if not self._alive(name) and not self._revive(name):
                    return 1
        return 0

    def _revive(self, name: str) -> bool:
        process, since = self.running[name]
        lived = time.monotonic() - since
        self.deaths[name] = 1 if lived > LONG_ENOUGH else self.deaths.get(name, 0) + 1
        if self.stopping:
            return True
        if self.deaths[name] >= MOST_DEATHS:
            print(
                f"{name} died {MOST_DEATHS} times in a row (exit {process.returncode}); ending.",
                file=sys.stderr,
            )
            return False
        print(f"{name} ended (exit {process.returncode}); starting it again.", file=sys.stderr)
        time.sleep(min(2 ** self.deaths[name] * 0.25, 5))
        self._start(name)
        return True

    def _end_all(self) -> None:
        for process, _ in self.running.values():
            _signal(process, signal.SIGTERM)
        until = time.monotonic() + 10
        for process, _ in self.running.values():
            try:
                process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
        for process, _ in self.running.values():
            # What a child left behind in its group (the worker's own beat) ends with it.
            _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], name: signal.Signals) -> None:
    try:
        os.killpg(process.pid, name)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    sys.exit(main())
