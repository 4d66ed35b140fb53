"""Random histories: twenty-one kinds of acts by handlers, a lead, teachers and the operator on three courses, with time passing.

After each step every rule of `check_invariants` holds. 2,000 steps in the normal run; `script/test --long` walks 50,000. A failure prints
its seed and the last acts: `pytest tests/histories -k "[SEED]"` repeats it.
"""

import os
import random
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection

from audit import seal
from checks.invariants import RULES
from courses.models import Course
from kit import clock
from tests.histories.world import ACTS, World

pytestmark = pytest.mark.django_db

LONG = bool(os.environ.get("RUN_LONG"))
SEEDS, STEPS = (50, 1000) if LONG else (10, 200)


class Watch:
    """The rules of `check_invariants`, of which those that are one count each are read by one statement.

    A history checks them after each of its steps, where building sixteen querysets would cost more than the act. The statements are
    those that the rules send themselves; no day or moment is in them (`is_current`).
    """

    def __init__(self) -> None:
        sent = {rule: statements_of(count) for rule, count in RULES.items()}
        self.joined = {
            rule: said[0] for rule, said in sent.items() if is_one_count(said) and not names_a_day(said[0][1])
        }
        self.others = {rule: count for rule, count in RULES.items() if rule not in self.joined}

    def breaches(self) -> dict[str, int]:
        sql = "SELECT " + ", ".join(f"({statement})" for statement, _ in self.joined.values())
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for _, values in self.joined.values() for value in values])
            counts = dict(zip(self.joined, cursor.fetchone(), strict=True))
        counts |= {rule: count() for rule, count in self.others.items()}
        return {rule: found for rule, found in counts.items() if found}

    def is_current(self) -> bool:
        """Whether the rules would still send the same statements."""
        return all(statements_of(RULES[rule]) == [said] for rule, said in self.joined.items())


def statements_of(count: Callable[[], int]) -> list[tuple[str, tuple[Any, ...]]]:
    sent = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        count()
    return sent


def is_one_count(sent: list[tuple[str, tuple[Any, ...]]]) -> bool:
    return len(sent) == 1 and sent[0][0].startswith("SELECT COUNT(")


def names_a_day(values: tuple[Any, ...]) -> bool:
    """Return whether a statement has today in it, and is another one tomorrow."""
    return any(isinstance(value, date) or re.match(r"\d{4}-\d\d-\d\d", str(value)) for value in values)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_rule_breaks_in_a_random_history(seed: int) -> None:
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI), tick=True) as traveller:
        world, watch = World(random.Random(seed), traveller.shift), Watch()
        for number in range(STEPS):
            world.step()
            found = watch.breaches()
            assert not found, (seed, number, found, world.log[-12:])
        assert watch.is_current()
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
        world, watch = World(random.Random(1), traveller.shift), Watch()
        world.step()
        course = Course.objects.filter(unit=world.unit).latest("pk")
        Course.objects.filter(pk=course.pk).update(
            capacity=course.capacity + 1, seats_taken=course.seats_taken + 1
        )
        assert watch.breaches() == {rule: found for rule, count in RULES.items() if (found := count())} != {}


def test_most_rules_are_read_by_one_statement() -> None:
    watch = Watch()
    assert len(watch.joined) >= 12 and {*watch.joined, *watch.others} == set(RULES)
