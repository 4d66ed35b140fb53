"""What a start costs: a command, and the first page of a fresh process, in seconds of processor. The first go writes the bytecode and is not counted."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator

from bench.harness import Bench, Result, figure
from bench.serving import ROOT, environment

GOES = 5
LOG_IN = "/accounts/login/"
# Ours, and a bare Django project.
COMMANDS = {
    "check": (["manage.py", "check"], ["-m", "django", "check", "--settings", "bench.bare.settings"]),
    "first_page": (
        ["-m", "bench.first_page", "inservice.wsgi", LOG_IN],
        ["-m", "bench.first_page", "bench.bare.wsgi", "/"],
    ),
}
NOTES = {"check": "", "first_page": "the log-in page against a page of one template"}


def busy(words: list[str]) -> float:
    """Seconds of processor that a process of these words took."""
    before = _spent()
    found = environment(PYTHONPATH=str(ROOT))
    found.pop("DJANGO_SETTINGS_MODULE", None)
    # Compiled once, as an installation is: libraries bring their bytecode along, ours would be compiled at each start.
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, *words], cwd=ROOT, env=found, stdout=subprocess.DEVNULL, check=True)
    return _spent() - before


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@figure
def start(bench: Bench, goes: int = GOES) -> Iterator[Result]:
    for name, commands in COMMANDS.items():
        taken = [[busy(words) for words in commands] for _ in range(goes + 1)][1:]
        ours, bare = (round(statistics.median(column), 3) for column in zip(*taken, strict=True))
        yield Result(f"start.{name}", ours, bare, "s of processor", 2.5, note=NOTES[name])
