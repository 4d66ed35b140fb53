"""Chasing two hundred schools, and how fast the letters leave."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg2.extras import Json, execute_values

from accounts.acting import Actor
from accounts.enums import Role
from accounts.models import BusinessAccount
from bench import letters
from bench.children import call
from bench.harness import Bench, Result, counted, figure, timed
from bench.smtp_sink import sink
from courses.actions.reminders import chase
from courses.models import Course
from kit import clock
from notices.models import Notice

SCHOOLS, LETTERS, WANTED = 200, 4000, 200
COLUMNS = [field.column for field in Notice._meta.concrete_fields if not field.primary_key]


@figure
def chase_all(bench: Bench, schools: int = SCHOOLS) -> Iterator[Result]:
    by, units = _officer(), _units(schools)

    def ours(number: int = schools) -> None:
        chase(by=by, unit_ids=units[:number], year=clock.this_year())

    rows: list[tuple[Any, ...]] = []
    last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def note() -> None:
        ours()
        written = Notice.objects.filter(pk__gt=last).values_list(*COLUMNS)
        rows[:] = [tuple(Json(cell) if isinstance(cell, list) else cell for cell in row) for row in written]

    timed(note, undo=True)

    def bare() -> None:
        insert = f"INSERT INTO notices_notice ({', '.join(COLUMNS)}) VALUES %s"
        with connection.cursor() as cursor:
            execute_values(cursor.cursor, insert, rows, page_size=len(rows) or 1)

    result = bench.compare(
        "chase_all", ours, bare, undo=True, reach=25,
        note="with the rendered letters, which the bare insert gets as ready text, and a line of the record for each course; "
        "no reach was set for the time",
    )  # fmt: skip
    few = counted(lambda: ours(max(schools // 4, 1)), undo=True)
    more = {"schools": len(units), "letters": len(rows), "queries_at_a_quarter": few}
    result.more |= more | {"broken": few != result.more["queries"] or not rows}
    yield result


def _officer() -> Actor:
    account = (
        BusinessAccount.objects.active().filter(role=Role.OPERATOR).select_related("user", "unit").first()
    )
    if account is None:
        officers = BusinessAccount.objects.active().filter(role=Role.COUNTY_OFFICER)
        account = officers.select_related("user", "unit").order_by("pk")[0]
    return Actor(account.user, account)


def _units(number: int) -> list[int]:
    """Schools of which somebody owes hours."""
    due = Course.objects.closable().filter(year=clock.this_year()).order_by()
    return sorted(due.values_list("unit_id", flat=True).distinct())[:number]


@figure
def outbox(bench: Bench, number: int = LETTERS) -> Iterator[Result]:
    """Mails a second of one worker, into a mail server on this machine that keeps nothing."""
    letters.clear()
    letters.hold_others()
    try:
        letters.write(number)
        with sink() as server:
            done = call("bench.letters:drain", server.port)
            received = server.count["mails"]
    finally:
        letters.clear()
    more = {"letters": number, "peak_megabytes": done.megabytes, "broken": received != number}
    rate = round(number / done.seconds)
    yield Result(
        "outbox",
        rate,
        WANTED,
        "mails/s",
        1,
        lower=False,
        note="the reference is what the issue asks for",
        more=more,
    )
