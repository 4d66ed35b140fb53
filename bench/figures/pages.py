"""Pages at the measured set against the same pages at the school's: nothing on a page may grow with the nation."""

import statistics
from collections.abc import Iterator

from bench.harness import Bench, Result, figure, percentile
from bench.pages import PAGES, Page, Visit
from bench.plans import whole_scans

ROUNDS, VISITS = 7, 8
MOST_QUERIES, MOST_SECONDS = 12, 0.060


@figure
def pages(bench: Bench) -> Iterator[Result]:
    for page in PAGES:
        yield measure(bench, page)


def measure(bench: Bench, page: Page) -> Result:
    taken: dict[str, list[float]] = {"school": [], bench.size: []}
    for _ in range(ROUNDS):
        for size, seconds in taken.items():
            with bench.at(size):
                visit = Visit(page)
                seconds.extend(visit.open() for _ in range(VISITS))
    visit = Visit(page)
    statements, busy = visit.statements(), visit.busy(VISITS)
    scans = whole_scans(statements) if bench.size != "school" else []
    late = percentile(taken[bench.size], 0.95)
    result = Result(
        f"pages.{page.name}",
        round(statistics.median(taken[bench.size]), 5),
        round(statistics.median(taken["school"]), 5),
        "s",
        1.5 if bench.size == "x3" else 1.3,
        size=bench.size,
    )
    result.more = {
        "queries": len(statements),
        "p95_ms": round(late * 1000, 1),
        "cpu_ms": round(busy * 1000, 1),
    }
    if scans:
        result.more["whole_scans"] = sorted({table for table, _ in scans})
    if len(statements) > MOST_QUERIES or late > MOST_SECONDS or scans:
        result.more["broken"] = True
    return result
