"""Work in a process of its own, whose largest memory is reported when it ends."""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.serving import environment


@dataclass(frozen=True)
class Done:
    """What a function returned, when it began, the seconds it took (without the start of the process), the most megabytes it used."""

    answer: Any
    began: float
    seconds: float
    megabytes: float


def call(work: Callable[..., Any], *words: object) -> Done:
    """Set Django up in a new process and call a function of a module there."""
    with ProcessPoolExecutor(1, get_context("spawn"), _set_up, [environment()]) as pool:
        return pool.submit(_measured, work, *words).result()


def _set_up(environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    import django

    django.setup()


def _measured(work: Callable[..., Any], *words: object) -> Done:
    began = time.monotonic()
    answer = work(*words)
    seconds = time.monotonic() - began
    # `ru_maxrss` would continue with the peak of the parent.
    most = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    return Done(answer, began, seconds, round(int(most) / 1024, 1))
