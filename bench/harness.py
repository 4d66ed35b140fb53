"""What a figure is, and how one is measured: ours and its reference in the same run, in turns, medians of at least five."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.sets import database

TIMES = 7


@dataclass
class Result:
    """One line of the result. `lower` says whether the ratio must stay below its limit or above it."""

    name: str
    ours: float
    reference: float
    unit: str
    reach: float
    lower: bool = True
    size: str = ""
    note: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return round(self.ours / self.reference, 2) if self.reference else 0.0

    @property
    def ok(self) -> bool:
        within = self.ratio <= self.reach if self.lower else self.ratio >= self.reach
        return within and not self.more.get("broken")

    def line(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "ok": self.ok}


Figure = Callable[["Bench"], Iterator[Result]]
FIGURES: dict[str, Figure] = {}


def figure(made: Figure) -> Figure:
    """Decorator: the function's name is the figure's; it yields one or more results."""
    FIGURES[made.__name__] = made
    return made


class Bench:
    """What figures need: the set that they measure, other sets, and the stop-watch."""

    def __init__(self, size: str) -> None:
        self.size = size

    @contextmanager
    def at(self, size: str) -> Iterator[None]:
        """Another set for a while: the connection goes to its database."""
        with database(f"bench_{size}"):
            yield

    def compare(
        self,
        name: str,
        ours: Callable[[], Any],
        reference: Callable[[], Any],
        *,
        reach: float,
        before: Callable[[], Any] = lambda: None,
        undo: bool = False,
        times: int = TIMES,
        note: str = "",
    ) -> Result:
        """Seconds of both, in turns; `before` prepares each go; with `undo` each go is rolled back."""
        taken: dict[bool, list[float]] = {True: [], False: []}
        for number in range(times + 1):
            for mine in (True, False) if number % 2 else (False, True):
                seconds = timed(ours if mine else reference, before, undo)
                if number:  # the first go only warms
                    taken[mine].append(seconds)
        queries = counted(ours, before, undo)
        return Result(
            name,
            round(statistics.median(taken[True]), 5),
            round(statistics.median(taken[False]), 5),
            "s",
            reach,
            size=self.size,
            note=note,
            more={"queries": queries},
        )


def sql(name: str) -> str:
    """Return the reference's statement that is kept beside the measures."""
    return (Path(__file__).parent / f"measures/{name}.sql").read_text()


def timed(act: Callable[[], Any], before: Callable[[], Any] = lambda: None, undo: bool = False) -> float:
    """Seconds that an act takes; `undo` rolls it back afterwards."""
    with transaction.atomic() if undo else nullcontext():
        before()
        started = time.perf_counter()
        act()
        seconds = time.perf_counter() - started
        if undo:
            transaction.set_rollback(True)
    return seconds


def counted(act: Callable[[], Any], before: Callable[[], Any] = lambda: None, undo: bool = False) -> int:
    """How many statements an act sends (savepoints left out)."""
    number = 0

    def watched() -> None:
        nonlocal number
        with CaptureQueriesContext(connection) as captured:
            act()
        number = sum("SAVEPOINT" not in q["sql"] for q in captured.captured_queries)

    timed(watched, before, undo)
    return number
