"""Processes beside the yardstick: web servers, and the address of the database that they share with it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def database_url() -> str:
    """The address of the connection's database."""
    at = connection.settings_dict
    person = quote(at["USER"], safe="") + (f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else "")
    where = at["HOST"] + (f":{at['PORT']}" if at["PORT"] else "")
    # A socket's folder is among the options.
    options = {key: value for key, value in at["OPTIONS"].items() if isinstance(value, str)}
    return f"postgresql://{person}@{where}/{at['NAME']}?{urlencode(options)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """What a process beside the yardstick finds: its database, its secrets, files as they lie."""
    files = "django.contrib.staticfiles.storage.StaticFilesStorage"
    usual = {"ALLOW_LOCAL_SECRET": "1", "LOG_FORMAT": "line", "STATIC_STORAGE": files}
    return {**usual, **os.environ, "DATABASE_URL": database_url(), **more}


@contextlib.contextmanager
def gunicorn(application: str, *, workers: int = 2, **more: str) -> Iterator[int]:
    """The port of a running server: `workers` processes of four threads, as the supervisor starts them."""
    port = free_port()
    words = (
        f"{application} --bind 127.0.0.1:{port} --log-level warning --workers {workers} --threads 4 --preload"
    )
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *words.split()], cwd=ROOT, env=environment(**more)
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            return
        except urllib.error.HTTPError:
            return  # any response will do, also a 404
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")
