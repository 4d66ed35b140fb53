"""What ends the processes of a run that was killed itself."""

import contextlib
import subprocess
import sys
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
