"""A county's or the nation's people from one file."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db.models import Count

from accounts import identity
from accounts.imports import people as people_import
from accounts.imports.people_lines import NEEDED
from accounts.models import Unit
from bench.children import call
from bench.harness import Bench, Result, figure
from bench.loading import trusted_rows
from bench.words import name_of

ROWS, MOST_MEGABYTES = 300_000, 200
MAIL = "import{n}@bench.example"
MADE = f"(SELECT id FROM accounts_user WHERE email LIKE '{MAIL.format(n='%')}')"


def number_of(n: int) -> str:
    """The n-th national ID whose check digit is right."""
    body = f"A{1 + n % 2}{n // 2:07d}"
    return next(f"{body}{digit}" for digit in range(10) if identity.is_checked(f"{body}{digit}"))


def write_file(path: Path, people: int) -> None:
    # A code that two schools share would need the level beside it.
    alone = Unit.objects.order_by("code").values("code").annotate(units=Count("pk")).filter(units=1)
    codes = list(alone.values_list("code", flat=True)[:200])
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(NEEDED)
        for n in range(people):
            table.writerow(
                [name_of(n), number_of(n), MAIL.format(n=n), codes[n % len(codes)], "教師", "教師"]
            )


def carry_out(path: str) -> dict[str, int]:
    """The import, as the operator's job does it."""
    report = people_import.import_people(path)
    assert report.saved, report.refused[:3]
    return report.counts


def clear() -> None:
    with trusted_rows() as cursor:
        cursor.execute(f"DELETE FROM accounts_affiliation WHERE user_id IN {MADE}")
        cursor.execute(f"DELETE FROM accounts_user WHERE id IN {MADE}")


@figure
def import_people(bench: Bench, rows: int = ROWS) -> Iterator[Result]:
    """The most megabytes of an import of new people: a file of any length must fit into a worker."""
    clear()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_file(path, rows)
        try:
            done = call("bench.measures.people:carry_out", path)
        finally:
            clear()
    more = {
        "rows": rows,
        "rows_per_second": round(rows / done.seconds),
        "broken": done.answer["created"] != rows,
    }
    yield Result(
        "import_people",
        done.megabytes,
        MOST_MEGABYTES,
        "MB",
        1,
        note="the reference is what a worker may hold",
        more=more,
    )
