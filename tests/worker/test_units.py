"""The `ExecStart` lines of the systemd units, run as they are on the test's own database: the site is ready, works, logs JSON, and ends."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit import trace
from kit import clock
from notices import tasks
from notices.models import Notice
from tests import units
from tests.factories import make_user
from tests.servers import free_port
from tests.worker.test_real_worker import database_url, wait_for

pytestmark = [pytest.mark.redis, pytest.mark.own_clock, pytest.mark.django_db(transaction=True)]
REQUEST = "0123456789abcdef0123456789abcdef"
RUNNING = ("web", "worker", "mail", "beat", "metrics")


class Site:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.metrics = free_port(), free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONWARNINGS", "LOG_FORMAT", "DEMO")}
        self.env = kept | {
            "DATABASE_URL": database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "METRICS_PORT": str(self.metrics),
            "OUTBOX_EVERY": "600",
            "EMAIL_URL": f"filemail:///{folder}/mail",
        }

    def start(self) -> None:
        for words in units.commands("inservice-migrate.service")[2:]:
            # The tables are there, and this test's role is their owner: what is left is collecting the files.
            assert (
                subprocess.run(words, cwd=settings.BASE_DIR, env=self.env, capture_output=True).returncode
                == 0
            )
        for name in RUNNING:
            unit = f"inservice-{name}.service"
            (words,) = units.commands(unit)
            with (self.folder / f"{name}.log").open("wb") as log:
                self.processes[name] = subprocess.Popen(
                    words,
                    cwd=settings.BASE_DIR,
                    env=self.env | units.environment(unit),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def get(self, path: str, port: int = 0) -> tuple[int, str]:
        address = f"http://127.0.0.1:{port or self.port}{path}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def lines(self, name: str) -> list[dict[str, Any]]:
        text = (self.folder / f"{name}.log").read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def end(self) -> dict[str, int]:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(40) for name, process in self.processes.items()}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    try:
        site.start()
        yield site
    finally:
        for process in site.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def test_the_units_make_a_site_that_is_ready_works_logs_and_ends(site: Site) -> None:
    def logs() -> str:
        return "\n".join(f"{name}: " + (site.folder / f"{name}.log").read_text()[-1500:] for name in RUNNING)

    def of_the_request() -> list[dict[str, Any]]:
        return [row for row in site.lines("mail") if row.get("request_id") == REQUEST]

    assert wait_for(lambda: site.get("/readyz")[0] == 200), site.get("/readyz")[1] + logs()
    assert json.loads(site.get("/readyz")[1])["redis"] == "ok"
    assert wait_for(lambda: "inservice_database_up 1.0" in site.get("/metrics", site.metrics)[1]), logs()
    assert site.get("/robots.txt")[0] == 200
    assert 'view="robots"' in site.get("/metrics", site.metrics)[1]

    Notice.objects.create(key="x", kind="light_red", recipient=make_user(), created_at=clock.now())
    end = trace.begin(REQUEST)
    tasks.drain_outbox.delay()
    end()
    assert wait_for(Notice.objects.exclude(mailed_at=None).exists), logs()
    # The worker's own line of the task has the id of the request that sent it.
    assert wait_for(of_the_request), logs()
    assert wait_for(lambda: site.lines("beat")), logs()

    ended = site.end()
    assert ended.pop("metrics") == -signal.SIGTERM and set(ended.values()) == {0}, ended
    for name in ended:
        plain = [line for line in (site.folder / f"{name}.log").read_text().splitlines() if line[:1] != "{"]
        assert not [line for line in plain if "INFO" in line or "ERROR" in line], plain
