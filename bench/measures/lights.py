"""The lights of all units, as the hourly job computes and writes them."""

import time
from collections.abc import Iterator

from django.db import connection, transaction

from accounts.models import Unit
from bench.harness import Bench, Result, figure
from courses.actions import lights
from kit import clock

LIMIT = 1.0
# A day's work for the job: one count in twenty is wrong, one colour in a hundred.
STALE = """
UPDATE courses_unitlight SET unclosed = unclosed + 1 WHERE year = %(year)s AND unit_id %% 20 = 0;
UPDATE courses_unitlight SET colour = 'red', registration_open = false, overdue = 5
WHERE year = %(year)s AND unit_id %% 100 = 1 AND colour = 'green'
"""


@figure
def lights_all_units(bench: Bench) -> Iterator[Result]:
    """Seconds of the job with the changes' record and the notices to the units. Nothing is kept."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(STALE, {"year": clock.this_year()})
        began = time.perf_counter()
        lights.refresh(cause="job")
        seconds = round(time.perf_counter() - began, 3)
        transaction.set_rollback(True)
    note = f"{Unit.objects.count()} units; the reference is what it may take"
    yield Result("lights_all_units", seconds, LIMIT, "s", 1, note=note)
