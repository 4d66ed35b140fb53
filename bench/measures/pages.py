"""Pages at the measured set against the same at the school's: none may grow with the nation. Processor time, with the database's."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.clients import percentile
from bench.harness import Bench, Result, figure
from bench.pages import MORE_QUERIES, MOST_QUERIES, PAGES, Page, Visit, database_busy

ROUNDS, VISITS, MOST_SECONDS = 7, 8, 0.060


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

    def share(self, part: float) -> float:
        """Return what that part of the visits took less than."""
        return percentile(self.here, part) + self.database / len(self.here)


@figure
def pages(bench: Bench) -> Iterator[Result]:
    for page in PAGES:
        costs = {"school": Cost(), bench.size: Cost()}
        for _ in range(ROUNDS):
            for size, cost in costs.items():
                with bench.at(size):
                    cost.visit(page)
        late, queries = costs[bench.size].share(0.95), len(Visit(page).statements())
        broken = queries > MOST_QUERIES + MORE_QUERIES.get(page.name, 0) or late > MOST_SECONDS
        more = {"queries": queries, "p95_ms": round(late * 1000, 1), "broken": broken}
        ours, school = (round(costs[size].share(0.5), 5) for size in (bench.size, "school"))
        yield Result(f"pages.{page.name}", ours, school, "s", 1.3, more=more)
