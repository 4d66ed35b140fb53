"""`script/server`'s supervisor: serves the demonstration on the embedded default, restarts what dies, and ends what it started."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from inservice import supervisor
from tests.servers import free_port, wait_for

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


@dataclass
class Site:
    """A running `script/server`."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def pids(self, *words: str) -> set[int]:
        """The direct children of the supervisor whose command has all the words."""
        lines = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout
        rows = [line.split(None, 2) for line in lines.splitlines()[1:]]
        return {
            int(pid)
            for pid, parent, command in rows
            if int(parent) == self.process.pid and all(word in command.split() for word in words)
        }

    def pid(self, *words: str) -> int:
        (found,) = self.pids(*words)
        return found

    def work(self) -> str:
        """Start a job and wait for its end, as a page does."""
        done = subprocess.run(
            [sys.executable, "-c", JOB],
            env=embedded(self.folder, self.port),
            capture_output=True,
            text=True,
            timeout=90,
        )
        return done.stdout.strip() or done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "inservice.supervisor"],
            env=embedded(folder, port),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    found = Site(server, port, folder)
    try:
        assert wait_for(lambda: "handler@demo.example" in found.log, 150), found.log
        yield found
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def test_the_supervisor_serves_the_demonstration_and_does_its_work(site: Site) -> None:
    assert answers(site.port) and answers(site.port, "/catalogue/"), site.log
    assert site.work() == "done 1", site.log
    taken = subprocess.run(
        [sys.executable, "-m", "inservice.supervisor"],
        env=embedded(site.folder, site.port),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert taken.returncode == 1 and f"Port {site.port} is in use" in taken.stderr


def test_a_worker_that_is_killed_ends_neither_the_site_nor_beat(site: Site) -> None:
    web, beat = site.pid("gunicorn"), site.pid("beat")
    for _ in range(2):
        assert wait_for(lambda: site.pids("worker")), site.log
        os.kill(site.pid("worker"), signal.SIGKILL)
        assert wait_for(lambda: not site.pids("worker"))
        assert answers(site.port)
    assert (site.pid("gunicorn"), site.pid("beat")) == (web, beat)
    assert wait_for(lambda: site.pids("worker")) and "starting it again in" in site.log
    assert site.work() == "done 1", site.log


def test_broken_messages_of_a_full_disk_are_set_aside_and_the_work_goes_on(site: Site) -> None:
    broker = site.folder / "var/broker"
    web = site.pid("gunicorn")
    for number in range(8):
        (broker / f"queue/0_{number}.celery.msg").write_bytes(b"" if number % 2 else b'{"body": "W1')
    (broker / "control/celery.exchange").write_bytes(b"")
    assert site.work() == "done 1", site.log
    assert wait_for(lambda: not list((broker / "queue").glob("0_*.celery.msg")), 10)
    assert list((broker / "broken").iterdir())
    assert site.pid("gunicorn") == web and answers(site.port)


def test_the_end_of_the_supervisor_ends_what_it_started(tmp_path: Path) -> None:
    parent, started = family(tmp_path)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(15) == 0
    assert len(started) >= 5 and not [pid for pid in started if runs(pid)]


def test_a_killed_supervisor_leaves_no_orphan_and_gives_its_folder_back(tmp_path: Path) -> None:
    parent, started = family(tmp_path)
    assert held(tmp_path / "lock")
    parent.kill()
    parent.wait(5)
    assert len(started) >= 5 and not [pid for pid in started if runs(pid, 20)]
    assert wait_for(lambda: not held(tmp_path / "lock"), 20)


def test_a_guardian_that_dies_is_replaced_by_one_that_knows_everything(tmp_path: Path) -> None:
    parent, started = family(tmp_path, grandchild=SLEEPS)
    (guardian,) = [pid for pid in started if "guardian" in command(pid)]
    os.kill(guardian, signal.SIGKILL)
    assert wait_for(lambda: [p for p in children(parent.pid) - started if "guardian" in command(p)], 10)
    everybody = started | children(parent.pid)
    parent.kill()
    parent.wait(5)
    assert not [pid for pid in everybody if runs(pid, 20)]


def test_a_process_that_cannot_start_is_tried_again_after_growing_pauses(tmp_path: Path) -> None:
    parent, _ = family(tmp_path, third="import sys; sys.exit(3)")
    said = tmp_path / "said"
    try:
        assert wait_for(lambda: said.read_text().count("third ended (exit 3)") >= 7, 30)
        pauses = [float(line.split()[-2]) for line in said.read_text().splitlines()]
        assert pauses[:7] == [0.02 * 2**n for n in range(7)]
        assert parent.poll() is None
    finally:
        parent.terminate()
        parent.wait(15)


def test_two_supervisors_never_share_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = supervisor.exclusive(path)
    assert first is not None and supervisor.exclusive(path, seconds=0) is None
    os.close(first)
    second = supervisor.exclusive(path)
    assert second is not None
    os.close(second)


# Processes of a family, one of which starts another one, which may be deaf to SIGTERM.
SLEEPS = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {!r}]).wait()"
FAMILY = """
import sys
from inservice.supervisor import Supervisor, exclusive
from pathlib import Path
wanted = {name: [sys.executable, "-c", code] for name, code in zip(["first", "second", "third"], sys.argv[2:])}
sys.exit(Supervisor(wanted, lock=exclusive(Path(sys.argv[1])), first_pause=0.02).run())
"""


def family(
    tmp_path: Path, third: str = SLEEPS, grandchild: str = DEAF
) -> tuple[subprocess.Popen[bytes], set[int]]:
    """A supervisor over small processes: its pid and those of everything below it, once all run."""
    words = [sys.executable, "-c", FAMILY, str(tmp_path / "lock"), SLEEPS, PARENT.format(grandchild), third]
    with (tmp_path / "said").open("wb") as said:
        parent = subprocess.Popen(words, stderr=said, start_new_session=True)
    wanted = 5 if third == SLEEPS else 4
    assert wait_for(lambda: len(children(parent.pid)) >= wanted, 15)
    time.sleep(0.3)  # the deaf one has to say that it is deaf
    return parent, children(parent.pid)


def command(pid: int) -> str:
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def held(path: Path) -> bool:
    handle = supervisor.exclusive(path, seconds=0)
    if handle is not None:
        os.close(handle)
    return handle is None
