"""Reports of faults: what leaves the machine, byte for byte, and that nothing does without `SENTRY_DSN`."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from audit.error_reports import scrubbed

SCRIPT = Path(__file__).with_name("reporting_process.py")


def run(var: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "REDIS_URL", "SENTRY_DSN", "PYTHONWARNINGS")
    }
    facts = {
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        "VAR_DIR": str(var),
    }
    command = [sys.executable, str(SCRIPT), *words]
    return subprocess.run(command, env={**kept, **facts, **env}, capture_output=True, text=True, timeout=120)


@pytest.fixture
def received() -> Iterator[tuple[str, list[str]]]:
    """The DSN of a server of this test, and what it was sent."""
    bodies: list[str] = []

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append((gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", bodies
    server.shutdown()
    server.server_close()


@pytest.mark.once
def test_a_report_names_the_place_of_the_fault_and_nobody(
    received: tuple[str, list[str]], tmp_path: Path
) -> None:
    dsn, bodies = received
    done = run(tmp_path, SENTRY_DSN=dsn)
    assert done.returncode == 0, done.stderr[-2000:]
    sent = "\n".join(bodies)
    assert len(bodies) == 2 and all(
        word in sent for word in ("ValueError", "KeyError", "broken", "request_id")
    )
    assert "checks.probes.readyz" in sent and "mail to %s refused" in sent
    for word in (
        "怡君",
        "A123456789",
        "yi-chun",
        "hunter2",
        "\\u6021",
        "Failing row",
        str(settings.BASE_DIR),
    ):
        assert word not in sent, word


@pytest.mark.once
def test_without_an_address_the_library_is_not_even_loaded(tmp_path: Path) -> None:
    assert run(tmp_path, "--quiet").returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        "Key (name)=(Alice Wu) already exists.",
        "value 'Alice Wu' is no day",
        "row\nDETAIL:  Alice Wu",
        'got "Alice Wu"',
        "to alice@x.example",
    ],
)
def test_values_in_the_text_of_an_error_stay_here(text: str) -> None:
    assert "lice" not in scrubbed(text)
