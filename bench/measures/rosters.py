"""A school's staff list from a file, and the turnover of 1 August in one."""

import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import Role
from accounts.imports.people_lines import NEEDED
from accounts.imports.roster import Choices, import_roster
from accounts.imports.roster_rows import SINCE
from accounts.models import Affiliation, BusinessAccount, Unit
from bench.harness import Bench, Result, figure
from bench.measures.people import number_of
from kit import clock

SCHOOL_ROWS, SCHOOL_SECONDS = 120, 2
TURNOVER_ROWS, TURNOVER_SECONDS = 30_000, 300


@figure
def roster(bench: Bench, rows: int = SCHOOL_ROWS, moves: int = TURNOVER_ROWS) -> Iterator[Result]:
    """The seconds of a school's roster of 120 people who come from elsewhere, and of 30,000 moves (or as many as the set has people)."""
    yield _move("roster_school", rows, SCHOOL_SECONDS)
    yield _move("roster_turnover", moves, TURNOVER_SECONDS)


def _move(name: str, most: int, limit: float) -> Result:
    """Move people to other schools in one file, end their former places, and undo it. The limit is that of as many rows."""
    operator = (
        BusinessAccount.objects.filter(role=Role.OPERATOR).select_related("unit__county", "user").first()
    )
    assert operator
    by = Actor(operator.user, operator)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        rows = _write_file(path, most)
        # A worker has loaded the addresses of the pages long before.
        reverse("accounts:mine")
        start = time.perf_counter()
        with transaction.atomic():
            plan = import_roster(
                path, by=by, dry_run=False, choices=Choices(end_elsewhere=True, confirmed=True)
            )
            transaction.set_rollback(True)
        seconds = time.perf_counter() - start
    counts = plan.report.counts
    more = {"rows": rows, "rows_per_second": round(rows / seconds), "broken": counts["changed"] != rows}
    note = "the reference is the time that it may take"
    return Result(name, round(seconds, 2), limit * rows / most, "s", 1, note=note, more=more)


def _write_file(path: Path, most: int) -> int:
    """Let each of so many people move to the school of the next one; return their number."""
    codes = dict(Unit.objects.exclude(level="none").values_list("pk", "code"))
    served = Affiliation.objects.serving().filter(unit_id__in=codes).select_related("user").order_by("pk")
    places = list(served[:most])
    units = sorted(codes)
    following = dict(zip(units, [*units[1:], units[0]], strict=True))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([*NEEDED, SINCE])
        for n, place in enumerate(places):
            code = codes[following[place.unit_id]]
            table.writerow(
                [place.user.name, number_of(n), place.user.email, code, "教師", "", f"{clock.today()}"]
            )
    return len(places)
