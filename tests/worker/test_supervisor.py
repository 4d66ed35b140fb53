"""`script/server`'s supervisor: serves the demonstration on the embedded default, and ends everything it started."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.servers import free_port

PATIENCE = 60.0
# Starts a job beside the site, as a page does, and waits until the supervisor's worker has done it.
JOB = """
import os, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "inservice.settings"
os.environ["DEMO"] = "1"
django.setup()
from accounts.acting import Actor
from accounts.actions import imports
from accounts.models import BusinessAccount
from django.core.files.uploadedfile import SimpleUploadedFile
from jobs.models import Job
account = BusinessAccount.objects.select_related("user", "unit__county").get(user__email="operator@demo.example")
text = "學校代碼,學校名稱,縣市名稱,學校級別\\n777777,新國小,屏東縣,國民小學\\n"
job = imports.check("import_units", by=Actor(account.user, account), upload=SimpleUploadedFile("a.csv", text.encode()))
until = time.monotonic() + 45
while job.is_live and time.monotonic() < until:
    time.sleep(0.2)
    job.refresh_from_db()
print(job.state, job.outcome.get("created"))
"""


def embedded(tmp_path: Path, port: int) -> dict[str, str]:
    env = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "REDIS_URL", "DEMO", "DJANGO_SETTINGS_MODULE")
    }
    return env | {"VAR_DIR": str(tmp_path / "var"), "PORT": str(port)}


def answers(port: int, path: str = "/healthz") -> bool:
    try:
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).status == 200)
    except OSError:
        return False


def children(pid: int) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True).stdout.split("\n")[1:]
    pairs = [tuple(map(int, line.split())) for line in listed if line.strip()]
    found = {p for p, parent in pairs if parent == pid}
    return found.union(*(children(p) for p in found)) if found else found


def runs(pid: int, seconds: float = 5) -> bool:
    """Whether a process still runs; one that has ended and waits to be collected does not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
        ).stdout.strip()
        if not state or state.startswith("Z"):
            return False
        time.sleep(0.1)
    return True


def test_the_supervisor_serves_the_demonstration_and_ends_what_it_started(tmp_path: Path) -> None:
    port = free_port()
    log = (tmp_path / "log").open("w+")
    command = [sys.executable, "-m", "inservice.supervisor"]
    server = subprocess.Popen(
        command, env=embedded(tmp_path, port), stdout=log, stderr=log, start_new_session=True
    )
    try:
        until = time.monotonic() + PATIENCE
        while "handler@demo.example" not in (tmp_path / "log").read_text() and time.monotonic() < until:
            time.sleep(0.2)
        assert answers(port) and answers(port, "/catalogue/"), (tmp_path / "log").read_text()
        worked = subprocess.run(
            [sys.executable, "-c", JOB],
            env=embedded(tmp_path, port),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert worked.stdout.strip() == "done 1", worked.stderr + (tmp_path / "log").read_text()
        taken = subprocess.run(
            command, env=embedded(tmp_path, port), capture_output=True, text=True, timeout=30
        )
        assert taken.returncode == 1 and f"Port {port} is in use" in taken.stderr
        started = children(server.pid)
        assert len(started) >= 3
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        log.close()
    assert not answers(port)
    assert not [pid for pid in started if runs(pid)]
