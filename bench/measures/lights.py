"""The lights of all units and of one unit."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from accounts.models import Unit
from bench.harness import Bench, Result, counted, figure, sql
from courses.actions import lights
from courses.models import UnitLight, YearlyPolicy
from kit import clock
from kit.request_memo import remembering

# What the job does, in bare SQL with the default policy: count, and write what differs.
COUNT, UPSERT = sql("count_courses"), sql("write_lights")


def facts() -> dict[str, object]:
    day = clock.today()
    return {"day": day, "late": day - timedelta(days=30), "year": clock.this_year()}


def run(statement: str, **more: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts() | more)
        return cursor.fetchall() if cursor.description else []


def stale() -> None:
    """A day's work for the job: one count in twenty is wrong, one colour in a hundred."""
    run("UPDATE courses_unitlight SET unclosed = unclosed + 1 WHERE year = %(year)s AND unit_id %% 20 = 0")
    run(
        "UPDATE courses_unitlight SET colour = 'red', registration_open = false, overdue = 5 "
        "WHERE year = %(year)s AND unit_id %% 100 = 1 AND colour = 'green'"
    )


@figure
def lights_all_units(bench: Bench) -> Iterator[Result]:
    statement = UPSERT.format(count=COUNT.format(units=""))
    result = bench.compare(
        "lights_all_units",
        lambda: lights.refresh(cause="job"),
        lambda: run(statement),
        before=stale,
        undo=True,
        reach=3,
        note="with the changes' record and the notices to the units, which the bare SQL does not write",
    )
    result.more |= {"units": Unit.objects.count()}
    yield result


@figure
def lights_one_unit(bench: Bench) -> Iterator[Result]:
    unit = UnitLight.objects.filter(year=clock.this_year()).order_by("-unclosed").first()
    assert unit is not None
    count = COUNT.format(units="AND unit_id = %(unit)s")
    with remembering():  # as inside a close, which has read the year's policy for its hours
        YearlyPolicy.objects.current()
        queries = counted(lambda: lights.refresh(unit_ids=[unit.unit_id], cause="closing"), undo=True)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + count, facts() | {"unit": unit.unit_id})
        index_only = "Index Only Scan" in str(cursor.fetchall())
    yield Result(
        "lights_one_unit", queries, 1, "queries", 2, more={"index_only": index_only, "broken": not index_only}
    )
