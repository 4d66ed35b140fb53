"""The memory of a county's yearly records as a file: it must not grow with the rows."""

import tempfile
from collections.abc import Iterator

from accounts.models import County
from bench.children import call
from bench.harness import Bench, Result, figure
from bench.sizes import HOME
from hours.presenters import record_table
from hours.queries import records
from kit import clock, tables
from kit.periods import Period

FEW, MANY, FLAT = 10_000, 1_000_000, 1.1


def write_csv(county: str, year: str, rows: str) -> int:
    """Write so many rows as the job does; the county's own are read again and again until there are enough. Return the rows."""

    def repeated() -> Iterator[tables.Row]:
        left = int(rows)
        while left > 0:
            for row in record_table.county_rows(
                records.county_records(int(county), Period(int(year)))[:left]
            ):
                yield row
                left -= 1

    with tempfile.TemporaryFile() as out:
        return tables.write(out, "csv", record_table.COUNTY_HEADER, repeated())


@figure
def export_memory(bench: Bench, few: int = FEW, many: int = MANY) -> Iterator[Result]:
    """The most megabytes that writing a CSV of many rows takes, against one of few."""
    where = (County.objects.get(name=HOME).pk, clock.this_year())
    small, large = (call("bench.measures.exports:write_csv", *where, rows) for rows in (few, many))
    yield Result(
        "export_memory", large.megabytes, small.megabytes, "MB", FLAT, note=f"CSV of {many} rows against {few}",
        more={"rows_per_second": round(many / large.seconds), "broken": large.answer != many},
    )  # fmt: skip
