"""The list of everybody whom a leak concerns, of the whole nation; its limit is absolute: ten minutes."""

import tempfile
import time
from collections.abc import Iterator

from bench.harness import Bench, Result, figure
from kit import tables
from privacy import breach

LIMIT = 600.0
# One row a person, and many: who is named by enrolments.
TABLES = ("accounts_affiliation", "courses_enrolment")


@figure
def breach_list(bench: Bench) -> Iterator[Result]:
    """The seconds from the name of a table to the file, as `manage.py breach_list` does it."""
    for table in TABLES:
        began = time.perf_counter()
        with tempfile.TemporaryFile() as out:
            people = tables.write(out, "csv", breach.HEADINGS, breach.lines(breach.people_of_table(table)))
        seconds = round(time.perf_counter() - began, 2)
        yield Result(f"breach_list.{table}", seconds, LIMIT, "s", 1.0, note=f"{people} people")
