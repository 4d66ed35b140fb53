"""The list of everybody whom a leak concerns, of the whole nation; its limit is absolute: ten minutes."""

import tempfile
from collections.abc import Iterator

from bench.harness import Bench, Result, figure, timed
from kit import tables
from privacy import breach

LIMIT = 600.0
# One row a person, and many: who is named by enrolments.
TABLES = ("accounts_affiliation", "courses_enrolment")


def write_list(table: str) -> int:
    """Write the list as `manage.py breach_list` does; return how many people are on it."""
    with tempfile.TemporaryFile() as out:
        return tables.write(out, "csv", breach.HEADINGS, breach.lines(breach.people_of_table(table)))


@figure
def breach_list(bench: Bench) -> Iterator[Result]:
    """The seconds from the name of a table to the file, against the ten minutes that it may take."""
    for table in TABLES:
        people: list[int] = []
        seconds = timed(lambda table=table, people=people: people.append(write_list(table)))  # type: ignore[misc]
        yield Result(f"breach_list.{table}", round(seconds, 2), LIMIT, "s", 1.0, note=f"{people[0]} people")
