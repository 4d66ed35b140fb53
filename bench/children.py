"""Work in a process of its own, whose largest memory is reported when it ends.

python -m bench.children MODULE:FUNCTION [WORD…]    sets Django up, calls the function, prints what it returns as JSON
"""

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.serving import ROOT, environment


@dataclass(frozen=True)
class Done:
    """What a function returned, the seconds it took (without the start of the process), the most megabytes it used."""

    answer: Any
    seconds: float
    megabytes: float


def call(function: str, *words: object) -> Done:
    told = subprocess.run(
        [sys.executable, "-m", "bench.children", function, *map(str, words)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Done(**json.loads(told.stdout.splitlines()[-1]))


def _most() -> float:
    """Return the most megabytes of this program: `ru_maxrss` would continue with the peak of its parent."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)


def main(function: str, *words: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    import django

    django.setup()
    module, _, name = function.partition(":")
    work = getattr(importlib.import_module(module), name)
    began = time.perf_counter()
    answer = work(*words)
    seconds = time.perf_counter() - began
    print(json.dumps({"answer": answer, "seconds": seconds, "megabytes": _most()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
