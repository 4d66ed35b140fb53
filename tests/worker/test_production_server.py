"""`DATABASE_URL=… script/server` on an empty folder serves pages with their style sheets."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import make_course
from tests.servers import free_port, wait_for
from tests.worker.test_real_worker import database_url
from tests.worker.test_supervisor import answers

pytestmark = [pytest.mark.postgres, pytest.mark.own_clock, pytest.mark.django_db(transaction=True)]
OURS = ("REDIS_URL", "SECRET_KEY", "STATIC_ROOT", "STATIC_STORAGE", "DEMO", "DEBUG", "PYTHONWARNINGS")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"DATABASE_URL": database_url(), "VAR_DIR": str(tmp_path / "var"), "PORT": str(port)}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "inservice.supervisor"], env=env, stdout=log, stderr=log
        )
    try:
        assert wait_for(lambda: answers(port), 90), (tmp_path / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def test_the_catalogue_and_its_style_sheets_are_there(address: str) -> None:
    course = make_course(title="將來的研習", ago=-10)
    page = fetched(f"{address}/catalogue/")
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert course.title in page and sheets
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", path) for path in sheets)
    assert "{" in fetched(address + sheets[-1])
