"""The lights of all units, of one unit, of all teachers of a county."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from accounts.models import Affiliation, Unit
from bench.harness import Bench, Result, figure
from courses.actions import lights
from courses.models import UnitLight, YearlyPolicy
from courses.queries.lights import teacher_lights
from kit import clock
from kit.request_memo import remembering

# What the job does, in bare SQL with the default policy: count, and write what differs.
COUNT = """
    SELECT unit_id,
           count(*) FILTER (WHERE ends_on < %(late)s) AS overdue,
           count(*) AS unclosed,
           min(ends_on) FILTER (WHERE ends_on <= %(day)s) AS oldest
    FROM courses_course WHERE state = 'registered' AND year = %(year)s {units} GROUP BY unit_id
"""
UPSERT = """
    WITH counted AS (
        SELECT u.id AS unit_id, coalesce(c.overdue, 0) AS overdue, coalesce(c.unclosed, 0) AS unclosed, c.oldest
        FROM accounts_unit u LEFT JOIN ({count}) c ON c.unit_id = u.id
    ), lit AS (
        SELECT *, CASE WHEN overdue >= 5 THEN 'red' WHEN overdue >= 1 THEN 'yellow' ELSE 'green' END AS colour FROM counted
    ), held AS (
        SELECT id, unit_id, colour FROM courses_unitlight WHERE year = %(year)s
    ), written AS (
        INSERT INTO courses_unitlight (unit_id, year, colour, overdue, unclosed, oldest_ended_on, registration_open, computed_at)
        SELECT unit_id, %(year)s, colour, overdue, unclosed, oldest, colour <> 'red', now() FROM lit
        ON CONFLICT (unit_id, year) DO UPDATE SET
            colour = excluded.colour, overdue = excluded.overdue, unclosed = excluded.unclosed, oldest_ended_on = excluded.oldest_ended_on,
            registration_open = excluded.registration_open, computed_at = excluded.computed_at,
            changed_at = CASE WHEN courses_unitlight.colour <> excluded.colour THEN now() ELSE courses_unitlight.changed_at END
    )
    INSERT INTO courses_lightchange (unit_id, year, before, after, overdue, cause, at)
    SELECT lit.unit_id, %(year)s, held.colour, lit.colour, lit.overdue, 'job', now()
    FROM lit JOIN held USING (unit_id) WHERE held.colour <> lit.colour
"""


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
        note="with the changes' record and the letters to the units, which the bare SQL does not write",
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
        seconds = bench.compare(
            "lights_one_unit",
            lambda: lights.refresh(unit_ids=[unit.unit_id], cause="closing"),
            lambda: run(count, unit=unit.unit_id),
            undo=True,
            times=21,
            reach=2,
        )
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + count, facts() | {"unit": unit.unit_id})
        index_only = "Index Only Scan" in str(cursor.fetchall())
    more = {
        "index_only": index_only,
        "seconds": seconds.ours,
        "bare_count_seconds": seconds.reference,
        "broken": not index_only,
    }
    yield Result("lights_one_unit", seconds.more["queries"], 1, "queries", 2, more=more)


@figure
def light_all_teachers(bench: Bench) -> Iterator[Result]:
    county = Unit.objects.order_by("pk").values_list("county_id", flat=True)[0]
    serving = Affiliation.objects.filter(unit__county_id=county, until=None).order_by()
    people = list(serving.values_list("user_id", flat=True))
    result = bench.compare(
        "light_all_teachers",
        lambda: teacher_lights(people, clock.this_year()),
        lambda: run(
            "SELECT e.user_id, count(*) FROM courses_enrolment e JOIN courses_course c ON c.id = e.course_id WHERE e.state = 'absent' "
            "AND c.state = 'closed' AND c.year = %(year)s AND e.user_id = ANY(%(people)s) GROUP BY 1",
            people=people,
        ),
        reach=2,
    )
    result.more |= {"people": len(people)}
    yield result
