"""PostgreSQL down or frozen below a running site: a response within seconds, and normal operation when it is back."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.db import connection

from survive.clients import SEARCH
from tests.servers import Line, free_port
from tests.worker.test_real_worker import database_url

pytestmark = [pytest.mark.postgres, pytest.mark.own_clock, pytest.mark.django_db(transaction=True)]
# What a page takes that finds no database, and twice that for a machine that is busy with other tests.
AT_MOST = 10.0


@dataclass
class Answer:
    status: int
    seconds: float
    headers: Any
    text: str


@dataclass
class Site:
    port: int
    line: Line

    def get(self, path: str) -> Answer:
        started = time.monotonic()
        try:
            found = urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30)
        except urllib.error.HTTPError as error:
            found = error
        text = found.read().decode()
        return Answer(found.status, time.monotonic() - started, found.headers, text)

    def goes(self) -> bool:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                if self.get(SEARCH).status == 200:
                    return True
            time.sleep(0.3)
        return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """gunicorn as in production, whose database is behind a line."""
    facts: dict[str, Any] = connection.settings_dict
    host, number = facts["HOST"] or facts["OPTIONS"].get("host", ""), facts["PORT"] or 5432
    line = Line(f"{host}/.s.PGSQL.{number}" if host.startswith("/") else (host, int(number)))
    line.open()
    port = free_port()
    env = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{facts['USER']}:{facts['PASSWORD']}@127.0.0.1:{line.port}/{facts['NAME']}",
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": live.SECRET_KEY,
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    for name in ("REDIS_URL", "PYTHONWARNINGS"):
        env.pop(name, None)
    words = ["inservice.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--preload"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words],
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    found = Site(port, line)
    try:
        assert found.goes(), (tmp_path / "log").read_text()
        yield found
    finally:
        line.frozen.clear()
        line.cut()
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def expect_outage(site: Site, path: str) -> Answer:
    answer = site.get(path)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60"), answer.text
    assert answer.seconds < AT_MOST
    return answer


def test_a_site_without_its_database_says_so_at_once_and_goes_on_when_it_is_back(site: Site) -> None:
    site.line.cut()
    assert "系統暫時無法使用" in expect_outage(site, SEARCH).text
    said = expect_outage(site, "/api/v1/courses/")
    assert json.loads(said.text)["code"] == "http_503"
    assert site.get("/healthz").status == 200
    site.line.open()
    assert site.goes()


def test_a_frozen_database_holds_no_request_for_longer_than_seconds(site: Site) -> None:
    site.line.frozen.set()
    for _ in range(3):
        assert "系統暫時無法使用" in expect_outage(site, SEARCH).text
    assert json.loads(expect_outage(site, "/api/v1/courses/").text)["code"] == "http_503"
    assert site.get("/healthz").status == 200
    site.line.frozen.clear()
    assert site.goes()


SLOW = """
import threading, time, django
django.setup()
from django.db import connection, connections
from kit.database_watchdog import watchdog

def wait(seconds):
    database = connections["default"]
    watchdog.begin(database)
    try:
        with database.execute_wrapper(watchdog.note_answer), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
    except Exception as error:
        print("cut", type(error).__name__)
    else:
        print("whole")
    finally:
        watchdog.end()

wait(6)
"""


def test_a_statement_that_is_only_slow_is_not_cut(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": live.SECRET_KEY,
    }
    env.pop("PYTHONWARNINGS", None)
    done = subprocess.run([sys.executable, "-c", SLOW], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "whole", done.stdout + done.stderr
