"""What a row runs beside the site ends with the run, also when that is killed."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from survive.processes import ROOT, Guard, processes
from tests.servers import wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
RUN = """
import sys, time
from pathlib import Path
from survive.processes import Guard, processes
with processes([[sys.executable, "-c", "import time; time.sleep(600)"]] * 2, {}, Path(sys.argv[1]), Guard()):
    print("begun", flush=True)
    time.sleep(600)
"""


def test_processes_of_a_killed_run_end(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(tmp_path / "day.log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout and run.stdout.readline() == "begun\n"
        below = psutil.Process(run.pid).children(recursive=True)
        assert len(below) == 3
        run.send_signal(signal.SIGKILL)
    assert wait_for(lambda: not any(one.is_running() and one.status() != "zombie" for one in below), 30)


def test_processes_that_have_ended_are_forgotten(tmp_path: Path) -> None:
    """Their numbers may be those of others when the run is killed later."""
    guard = Guard()
    with processes([SLEEP], {}, tmp_path / "day.log", guard):
        pass
    with subprocess.Popen(SLEEP, start_new_session=True) as other:
        guard.note("other", other.pid)
        guard.forget("other")
        assert guard.stream
        guard.stream.close()
        assert guard.process.wait(15) == 0 and other.poll() is None
        other.kill()
