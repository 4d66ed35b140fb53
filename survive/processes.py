"""Processes that a row runs beside the site, and the guard that ends all of a run that was killed itself."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent


class Guard:
    """A guardian of the supervisor's kind: it ends what is named to it when this process is killed."""

    def __init__(self) -> None:
        command = [sys.executable, "-S", str(ROOT / "inservice/guardian.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self.stream: IO[bytes] | None = self.process.stdin

    def note(self, name: str, pid: int) -> None:
        if self.stream:
            self.stream.write(f"{name} {pid}\n".encode())
            self.stream.flush()

    def forget(self, name: str) -> None:
        """The process of this name has ended; another one may get its number."""
        self.note(name, 0)

    def end(self) -> None:
        if self.stream:
            with contextlib.suppress(OSError):
                self.stream.write(b"end\n")
                self.stream.close()
        self.process.wait(15)


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
