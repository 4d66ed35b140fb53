"""`bench/compare [REVISION]`: the processor time of the hot pages, ours against an earlier revision, in turns.

Both sides are processes of their own with the school's set in a PostgreSQL of their own. The other revision is checked out
under the folder of the data and runs on the same packages. What PostgreSQL takes is not counted.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.serving import ROOT

REFERENCE = "084da67"
# Page → the most that ours may take, as a part of the reference.
REACH = {
    "log-in": 1.0,
    "catalogue": 0.5,
    "catalogue-in": 0.5,
    "course": 0.65,
    "course-in": 0.65,
    "teacher-home": 0.8,
    "clerk-home": 0.8,
    "unit-courses": 0.8,
    "closing-40": 0.8,
    "enrolling": 0.7,
}
ROUNDS, VISITS, WARM = 9, 5, 5


class Side:
    """A running process of one revision."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin and process.stdout
        self.asked, self.told = process.stdin, process.stdout
        self.told.readline()  # it is ready

    def visit(self, page: str, number: int) -> list[float]:
        print(page, number, file=self.asked, flush=True)
        return list(json.loads(self.told.readline()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/compare", description=__doc__.splitlines()[0])
    parser.add_argument("revision", nargs="?", default=REFERENCE)
    parser.add_argument("--pages", nargs="*", choices=sorted(REACH), default=list(REACH))
    parser.add_argument("--data", metavar="DIR", default="var/bench")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    folder = Path(options.data).resolve()
    checkout = folder / options.revision
    if not checkout.exists():
        command = ["git", "worktree", "add", "--detach", str(checkout), options.revision]
        subprocess.run(command, cwd=ROOT, check=True)
    with _running(ROOT, folder / "ours") as ours, _running(checkout, Path(f"{checkout}-data")) as theirs:
        return _compare(ours, theirs, options.pages, options.rounds)


@contextmanager
def _running(checkout: Path, data: Path) -> Iterator[Side]:
    environment = {**os.environ, "ALLOW_LOCAL_SECRET": "1", "PYTHONPATH": str(checkout)}
    load = [sys.executable, "-m", "bench", "--load-only", "--size", "school", "--data", str(data)]
    subprocess.run(load, cwd=checkout, env=environment, check=True)
    words = [sys.executable, str(Path(__file__).parent / "revision_side.py"), str(data)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(words, cwd=checkout, env=environment, text=True, **pipes)
    try:
        yield Side(process)
    finally:
        process.communicate(timeout=60)


def _compare(ours: Side, theirs: Side, pages: list[str], rounds: int) -> int:
    print(f"{'page':14}{'ours ms':>9}{'theirs ms':>11}{'ratio':>7}{'reach':>7}{'× log-in':>10}")
    ok, log_in = True, 0.0
    for page in pages:
        mine, other = _in_turns(ours, theirs, page, rounds)
        log_in = mine if page == "log-in" else log_in
        ratio = mine / other
        beside = f"{mine / log_in:10.1f}" if log_in else ""
        missed = "" if ratio <= REACH[page] else "  missed"
        ok = ok and not missed
        print(f"{page:14}{mine:9.1f}{other:11.1f}{ratio:7.2f}{REACH[page]:7.2f}{beside}{missed}", flush=True)
    return 0 if ok else 1


def _in_turns(ours: Side, theirs: Side, page: str, rounds: int) -> tuple[float, float]:
    taken: dict[bool, list[float]] = {True: [], False: []}
    for side in (ours, theirs):
        side.visit(page, WARM)
    for number in range(rounds):
        for is_ours in (True, False) if number % 2 else (False, True):
            taken[is_ours] += (ours if is_ours else theirs).visit(page, VISITS)
    return median(taken[True]), median(taken[False])


if __name__ == "__main__":
    sys.exit(main())
