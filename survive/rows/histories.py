"""Row 4: random histories of the whole world of acts, with every invariant after each step."""

import random
import time

import time_machine
from django.db import connection, transaction

from audit import seal
from courses.models import Course
from kit import clock
from survive.row import Result, row
from survive.stack import Stack
from tests.histories.test_histories import Watch
from tests.histories.world import ACTS, World


@row(
    "4",
    "random histories",
    "50,000 steps, 0 broken invariants",
    full={"steps": 50_000, "length": 1000, "most_minutes": 25},
    short={"steps": 60, "length": 60, "most_minutes": 1},
)
def histories(stack: Stack, steps: int, length: int, most_minutes: int) -> Result:
    result, seed, done = Result(), 1, set()
    over = time.monotonic() + 60 * most_minutes
    with stack.another_database("survive_histories"):
        while result.tries < steps and not result.faults and time.monotonic() < over:
            # Undone at the end: each history begins in the same world.
            with transaction.atomic():
                done |= walk(result, seed, min(length, steps - result.tries))
                transaction.set_rollback(True)
            seed += 1
        result.expect(result.tries >= steps, f"only {result.tries:,} steps in {most_minutes} minutes")
        result.expect(twin(), "a seat counted wrong was not seen")
    result.text = f"{seed - 1} histories, {len(done)} of {len(ACTS)} kinds of acts"
    return result


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
