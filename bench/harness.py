"""What a figure is: ours beside a reference."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.sets import database


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
    """What figures need: the set that they measure, and other sets."""

    def __init__(self, size: str) -> None:
        self.size = size

    def at(self, size: str) -> AbstractContextManager[None]:
        """Another set for a while: the connection goes to its database."""
        return database(f"bench_{size}")


def counted(act: Callable[[], Any]) -> int:
    """Return how many statements an act sends (savepoints left out); nothing is kept."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            act()
        transaction.set_rollback(True)
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)
