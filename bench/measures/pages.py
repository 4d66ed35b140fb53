"""Pages at the measured set against the same pages at the school's: nothing on a page may grow with the nation. Seconds are processor time, here and in the database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from bench.clients import percentile
from bench.harness import Bench, Result, figure
from bench.pages import PAGES, Page, Visit, database_busy
from bench.plans import whole_scans

ROUNDS, VISITS = 7, 8
MOST_QUERIES, MOST_SECONDS = 12, 0.060


@dataclass
class Cost:
    """Of one page at one set: processor seconds of each visit here, and of all visits in the database."""

    here: list[float] = field(default_factory=list)
    database: float = 0.0

    def visit(self, page: Page) -> None:
        visit = Visit(page)
        before = database_busy()
        self.here += [visit.busy() for _ in range(VISITS)]
        self.database += database_busy() - before

    @property
    def a_visit(self) -> float:
        return median(self.here) + self.database / len(self.here)

    @property
    def late(self) -> float:
        return percentile(self.here, 0.95) + self.database / len(self.here)


@figure
def pages(bench: Bench) -> Iterator[Result]:
    for page in PAGES:
        yield measure(bench, page)


def measure(bench: Bench, page: Page) -> Result:
    costs = {"school": Cost(), bench.size: Cost()}
    for _ in range(ROUNDS):
        for size, cost in costs.items():
            with bench.at(size):
                cost.visit(page)
    cost, reference = costs[bench.size], costs["school"]
    statements = Visit(page).statements()
    scans = whole_scans(statements) if bench.size != "school" else []
    result = Result(
        f"pages.{page.name}", round(cost.a_visit, 5), round(reference.a_visit, 5), "s", 1.3, size=bench.size
    )
    result.more = {"queries": len(statements), "p95_ms": round(cost.late * 1000, 1)}
    if scans:
        result.more["whole_scans"] = sorted({table for table, _ in scans})
    result.more["broken"] = bool(len(statements) > MOST_QUERIES or cost.late > MOST_SECONDS or scans)
    return result
