"""Random histories: twenty-one kinds of acts by handlers, a lead, teachers and the operator on three courses, with time passing.

After each step every rule of `check_invariants` holds. 2,000 steps in the normal run; `script/test --long` walks 50,000. A failure prints
its seed and the last acts: `pytest tests/histories -k "[SEED]"` repeats it.
"""

import os
import random

import pytest
import time_machine

from audit import seal
from checks.invariants import RULES
from courses.models import Course
from kit import clock
from tests.histories.world import ACTS, World

pytestmark = pytest.mark.django_db

LONG = bool(os.environ.get("RUN_LONG"))
SEEDS, STEPS = (50, 1000) if LONG else (10, 200)


def breaches() -> dict[str, int]:
    return {rule: found for rule, count in RULES.items() if (found := count())}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_rule_breaks_in_a_random_history(seed: int) -> None:
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI), tick=True) as traveller:
        world = World(random.Random(seed), traveller.shift)
        for number in range(STEPS):
            world.step()
            found = breaches()
            assert not found, (seed, number, found, world.log[-12:])
        assert len(world.done) >= len(ACTS) * 2 // 3, sorted(set(ACTS) - set(world.done))
        seal.seal_all()
        assert seal.verify() == []


def test_all_kinds_of_acts_succeed_in_some_history() -> None:
    """A kind that is always refused would prove nothing."""
    done: set[str] = set()
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI), tick=True) as traveller:
        for seed in range(100, 112):
            world = World(random.Random(seed), traveller.shift)
            for _ in range(150):
                world.step()
            done |= set(world.done)
            if done == set(ACTS):
                break
    assert done == set(ACTS), sorted(set(ACTS) - done)


def test_a_broken_rule_is_seen_by_a_history() -> None:
    """The twin: with a place counted wrong, the same check fails."""
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI), tick=True) as traveller:
        world = World(random.Random(1), traveller.shift)
        world.step()
        course = Course.objects.filter(unit=world.unit).latest("pk")
        Course.objects.filter(pk=course.pk).update(
            capacity=course.capacity + 1, seats_taken=course.seats_taken + 1
        )
        assert breaches()
