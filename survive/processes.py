"""Processes that a row runs beside the site."""

import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from survive.guard import Guard

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def processes(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], log: Path, guard: Guard
) -> Iterator[None]:
    """Run processes for the time of the block; the guard ends them when this process is killed meanwhile."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("ab") as out:
            for number, one in enumerate(commands):
                process = subprocess.Popen(
                    one, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
                )
                running.append(process)
                guard.note(f"{log.stem}{number}", process.pid)
        yield
    finally:
        for process in running:
            process.terminate()
        for number, process in enumerate(running):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            guard.forget(f"{log.stem}{number}")
