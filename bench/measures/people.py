"""A county's or the nation's people from one file."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import people
from bench.children import Done, call
from bench.harness import Bench, Result, figure

ROWS, GOES, MOST_MEGABYTES = 300_000, 1, 200


@figure
def import_people(bench: Bench, rows: int = ROWS, goes: int = GOES) -> Iterator[Result]:
    """New people throughout: each is created, none changed. A go takes minutes, so that there are few."""
    imports: list[Done] = []
    copies: list[float] = []
    people.clear()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        people.write_file(path, rows)
        try:
            for _ in range(goes):
                imports.append(call("bench.people:carry_out", path))
                people.keep(str(path))
                people.clear()
                copies.append(call("bench.people:copy", path).seconds)
                people.clear()
        finally:
            people.clear()
    memory = max(done.megabytes for done in imports)
    more = {
        "rows": rows,
        "rows_per_second": round(rows / statistics.median(done.seconds for done in imports)),
        "peak_megabytes": memory,
        "broken": memory > MOST_MEGABYTES or any(done.answer["created"] != rows for done in imports),
    }
    ours, reference = statistics.median(done.seconds for done in imports), statistics.median(copies)
    yield Result(
        "import_people", round(ours, 3), round(reference, 3), "s", 25, note=f"goes: {goes}", more=more
    )
