"""Processes beside the yardstick, which share its database: web servers, and what they find in their environment."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from bench.cluster import address_of
from tests.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent


def environment(**more: str) -> dict[str, str]:
    """What a process beside the yardstick finds: its database, its secrets, files as they lie."""
    files = "django.contrib.staticfiles.storage.StaticFilesStorage"
    usual = {"ALLOW_LOCAL_SECRET": "1", "LOG_FORMAT": "line", "STATIC_STORAGE": files}
    address = address_of(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    return {**usual, **os.environ, "DATABASE_URL": address, **more}


@contextlib.contextmanager
def gunicorn(application: str, *, workers: int = 2, **more: str) -> Iterator[int]:
    """The port of a running server: `workers` processes of four threads, as the supervisor starts them."""
    port = free_port()
    words = f"--bind 127.0.0.1:{port} --log-level warning --workers {workers} --threads 4 --preload"
    command = [sys.executable, "-m", "gunicorn", application, *words.split()]
    server = subprocess.Popen(command, cwd=ROOT, env=environment(**more))
    try:
        if not wait_for(lambda: _listens(port), 90):
            raise RuntimeError(f"nothing listens on port {port}")
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
