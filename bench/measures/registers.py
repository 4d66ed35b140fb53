"""People from files: a nation's import, a school's staff list, and the turnover of 1 August."""

import csv
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from accounts import identity
from accounts.acting import Actor
from accounts.enums import Role
from accounts.imports.people import import_people as import_file
from accounts.imports.people_lines import NEEDED
from accounts.imports.roster import Choices, import_roster
from accounts.imports.roster_rows import SINCE
from accounts.models import Affiliation, BusinessAccount, Unit
from bench.children import call
from bench.harness import Bench, Result, figure
from bench.serving import gunicorn
from bench.sides import Ours
from jobs.pacing import with_pauses
from kit import clock
from survive.clients import Ask
from survive.open_loop import measure

ROWS, MOST_MEGABYTES = 300_000, 200
SCHOOL_ROWS, SCHOOL_SECONDS = 120, 2
TURNOVER_ROWS, TURNOVER_SECONDS = 30_000, 300
# Seconds: the process of the moves starts and writes its file first, and then moves people for longer than is measured.
HEAD_START, BESIDE = 10, 100


def number_of(n: int) -> str:
    """The n-th national ID whose check digit is right."""
    body = f"A{1 + n % 2}{n // 2:07d}"
    return next(f"{body}{digit}" for digit in range(10) if identity.is_checked(f"{body}{digit}"))


def write_file(path: Path, rows: Iterator[list[str]], *more: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*NEEDED, *more], *rows])


def new_people(number: int) -> Iterator[list[str]]:
    # A code that two schools share would need the level beside it.
    alone = Unit.objects.order_by("code").values("code").annotate(units=Count("pk")).filter(units=1)
    codes = list(alone.values_list("code", flat=True)[:200])
    for n in range(number):
        yield [f"王老師{n}", number_of(n), f"import{n}@bench.example", codes[n % len(codes)], "教師", "教師"]


def moves(most: int) -> Iterator[list[str]]:
    """Let each of so many people move to the school of the next one."""
    codes = dict(Unit.objects.exclude(level="none").values_list("pk", "code"))
    units = sorted(codes)
    following = dict(zip(units, [*units[1:], units[0]], strict=True))
    places = Affiliation.objects.serving().filter(unit_id__in=codes).select_related("user").order_by("pk")
    for n, place in enumerate(places[:most]):
        code = codes[following[place.unit_id]]
        yield [place.user.name, number_of(n), place.user.email, code, "教師", "", f"{clock.today()}"]


def carry_out(path: Path) -> int:
    """The import, as the operator's job does it but without its pauses; nothing is kept. Return how many people it made."""
    with transaction.atomic():
        report = import_file(path)
        transaction.set_rollback(True)
    assert report.saved, report.refused[:3]
    return report.counts["created"]


@figure
def import_people(bench: Bench, rows: int = ROWS) -> Iterator[Result]:
    """The most megabytes of an import of new people: a file of any length must fit into a worker."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_file(path, new_people(rows))
        done = call(carry_out, path)
    more = {"rows": rows, "rows_per_second": round(rows / done.seconds), "broken": done.answer != rows}
    note = "the reference is what a worker may hold"
    yield Result("import_people", done.megabytes, MOST_MEGABYTES, "MB", 1, note=note, more=more)


@figure
def roster(bench: Bench, rows: int = SCHOOL_ROWS, moves: int = TURNOVER_ROWS) -> Iterator[Result]:
    """The seconds of a school's roster of 120 people who come from elsewhere, and of 30,000 moves (or as many as the set has people)."""
    yield _move("roster_school", rows, SCHOOL_SECONDS)
    yield _move("roster_turnover", moves, TURNOVER_SECONDS)


@figure
def enrolling_beside(bench: Bench, moves: int = TURNOVER_ROWS, rate: int = 20) -> Iterator[Result]:
    """The p95 of enrolling, so many a second, while 30,000 people move in one file, beside that without."""
    side, found = Ours(BESIDE * rate), []
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        stack.callback(side.clear)
        port = stack.enter_context(gunicorn(side.application))
        for number in (0, moves):
            asks = [Ask(ask.path, ask.cookie, fields={}) for ask in side.asks(side.fresh(500, 40))]
            moving = pool.submit(call, _move_as_worker, number)
            time.sleep(HEAD_START)
            found.append(measure(port, asks, rate, BESIDE))
            is_over, seconds = moving.done(), moving.result().answer
    broken = is_over or any(set(one.statuses) != {"302"} for one in found)
    more = {"moves_seconds": seconds, "broken": broken}
    yield Result("enrolling_beside", found[1].ms(0.95), found[0].ms(0.95), "ms", 1.5, more=more)


def _move_as_worker(number: int) -> float:
    """Return the seconds of so many moves, with the priority that a worker has (deploy/systemd/inservice-worker.service)."""
    os.nice(10)
    return _move("roster_turnover", number, TURNOVER_SECONDS).ours if number else 0.0


def _move(name: str, most: int, limit: float) -> Result:
    """Move people to other schools in one file, end their former places, and undo it. The limit is that of as many rows."""
    account = BusinessAccount.objects.filter(role=Role.OPERATOR).select_related("unit__county", "user")[0]
    by, choices = Actor(account.user, account), Choices(end_elsewhere=True, confirmed=True)
    # A worker has loaded the addresses of the pages long before.
    reverse("accounts:mine")
    with tempfile.TemporaryDirectory() as folder, with_pauses(), transaction.atomic():
        path = Path(folder) / "roster.csv"
        write_file(path, moves(most), SINCE)
        start = time.perf_counter()
        plan = import_roster(path, by=by, dry_run=False, choices=choices)
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    rows = min(most, Affiliation.objects.serving().exclude(unit__level="none").count())
    changed = plan.report.counts["changed"]
    more = {"rows": rows, "rows_per_second": round(rows / seconds), "broken": changed != rows}
    return Result(name, round(seconds, 2), limit * rows / most, "s", 1, more=more)
