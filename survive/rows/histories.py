"""Row 4: random histories of the whole world of acts, with every invariant after each step, beside the other rows.

They run on a PostgreSQL of their own, which the other rows do not kill, in processes of the lowest priority:
`python -m survive.walk` calls `walk_all`.
"""

import json
import random
import subprocess
import sys
import time
from typing import Any

import time_machine
from django.db import connection, transaction

from audit import seal
from courses.models import Course
from kit import clock
from survive.processes import ROOT
from survive.row import Later, Result, row
from survive.stack import DATABASE, Stack
from tests.histories.test_histories import Watch
from tests.histories.world import ACTS, World


@row(
    "4",
    "random histories",
    "50,000 steps, 0 broken invariants",
    full={"steps": 50_000, "length": 1000, "processes": 2, "most_minutes": 40},
    # tests/histories walks 2,000 steps in the normal run of the tests.
    short=None,
)
def histories(stack: Stack, steps: int, length: int, processes: int, most_minutes: int) -> Later:
    server = stack.another_server("histories")
    running = []
    for number in range(processes):
        order = {
            "seed": 1 + number * 1000,
            "steps": steps // processes,
            "length": length,
            "minutes": most_minutes,
        }
        environment = stack.environment() | {
            "DATABASE_URL": server.url(f"walk{number}"),
            # Not the file of the site, whose blocks are not in this database.
            "AUDIT_WITNESS": str(stack.folder / f"walk{number}.jsonl"),
        }
        server.create(f"walk{number}", DATABASE)
        command = ["nice", "-n", "19", sys.executable, "-m", "survive.walk", json.dumps(order)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        stack.guard.note(f"walk{number}", process.pid)
        stack.exit.callback(_end, process)
        running.append(process)

    def later() -> Result:
        found = [json.loads(process.communicate(timeout=most_minutes * 60 + 120)[0]) for process in running]
        server.end()
        return summed(found, steps)

    return later


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.kill()
        process.wait(10)


def summed(found: list[dict[str, Any]], steps: int) -> Result:
    """Return what all processes found."""
    result = Result(sum(one["tries"] for one in found), [fault for one in found for fault in one["faults"]])
    done = {name for one in found for name in one["done"]}
    result.expect(result.tries >= steps or result.faults, f"only {result.tries:,} steps")
    result.expect(all(one["twin"] for one in found), "a seat counted wrong was not seen")
    result.text = (
        f"{sum(one['histories'] for one in found)} histories, {len(done)} of {len(ACTS)} kinds of acts"
    )
    return result


def walk_all(seed: int, steps: int, length: int, minutes: int) -> dict[str, Any]:
    """Walk histories of one seed after another; stop at the first fault."""
    result, first, done = Result(), seed, set[str]()
    over = time.monotonic() + 60 * minutes
    while result.tries < steps and not result.faults and time.monotonic() < over:
        # Undone at the end: each history begins in the same world.
        with transaction.atomic():
            done |= walk(result, seed, min(length, steps - result.tries))
            transaction.set_rollback(True)
        seed += 1
    facts = {"tries": result.tries, "faults": result.faults, "done": sorted(done)}
    return facts | {"histories": seed - first, "twin": twin()}


def walk(result: Result, seed: int, length: int) -> set[str]:
    """Walk one history; return the kinds of acts that succeeded."""
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI), tick=True) as traveller:
        world, watch = World(random.Random(seed), traveller.shift), Watch()
        before = watch.breaches()
        for number in range(length):
            world.step()
            result.tries += 1
            if (found := watch.breaches()) != before:
                result.faults.append(f"seed {seed}, step {number}: {found} after {world.log[-12:]}")
                break
        else:
            result.expect(
                watch.is_current(), f"seed {seed}: the statements of the rules have changed with the day"
            )
            seal.seal_all()
            result.expect(seal.verify() == [], f"seed {seed}: the seals do not fit the record")
        return set(world.done)


def twin() -> bool:
    """Return whether a place that is counted wrong is seen."""
    with transaction.atomic():
        world, watch = World(random.Random(1), lambda passed: None), Watch()
        before = watch.breaches()
        course = Course.objects.filter(unit=world.unit).latest("pk")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE courses_course SET capacity = capacity + 1, seats_taken = seats_taken + 1 WHERE id = %s",
                [course.pk],
            )
        seen = watch.breaches() != before
        transaction.set_rollback(True)
    return seen
