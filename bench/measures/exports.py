"""A county's yearly records as CSV, XLSX and ODS."""

import statistics
from collections.abc import Iterator

from accounts.models import County
from bench.children import call
from bench.harness import Bench, Result, figure
from bench.people_sets import HOME
from kit import clock

GOES, FEW, MANY = 5, 10_000, 1_000_000
FLAT = 1.1


@figure
def export_county(bench: Bench, goes: int = GOES, few: int = FEW, many: int = MANY) -> Iterator[Result]:
    """Seconds against COPY … TO of the same question; the memory of a CSV of many rows against one of few."""
    where = (County.objects.get(name=HOME).pk, clock.this_year())
    ours: dict[str, list[float]] = {"csv": [], "xlsx": [], "ods": []}
    copies: list[float] = []
    rows, memory = 0, {}
    for _ in range(goes):
        copies.append(call("bench.exports:copy", *where).seconds)
        for fmt, seconds in ours.items():
            done = call("bench.exports:write", fmt, *where)
            seconds.append(done.seconds)
            rows, memory[fmt] = done.answer, done.megabytes
    for fmt, seconds in ours.items():
        yield Result(
            f"export_county.{fmt}", round(statistics.median(seconds), 3), round(statistics.median(copies), 3), "s", 25,
            note="no reach was set for the time; 25 is that of the import", more={"rows": rows, "peak_megabytes": memory[fmt]},
        )  # fmt: skip
    small, large = (call("bench.exports:write_many", "csv", *where, number) for number in (few, many))
    yield Result(
        "export_county.memory", large.megabytes, small.megabytes, "MB", FLAT, note=f"CSV of {many} rows against {few}",
        more={"rows_per_second": round(many / large.seconds), "broken": large.answer != many},
    )  # fmt: skip
