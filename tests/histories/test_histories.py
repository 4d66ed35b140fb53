"""Random histories: twenty-one kinds of acts by handlers, a lead, teachers and the operator on three courses, with time passing.

After each step every rule of `check_invariants` holds. 2,000 steps in the normal run; `script/test --long` walks 50,000. A failure prints
its seed and the last acts: `pytest tests/histories -k "[SEED]"` repeats it.
"""

import os
import random
import re
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
import time_machine
from django.db import connection

from audit import seal
from checks.invariants import RULES
from courses.models import Course, UnitLight
from kit import clock
from tests.histories.world import ACTS, World

pytestmark = pytest.mark.django_db

LONG = bool(os.environ.get("RUN_LONG"))
SEEDS, STEPS = (50, 1000) if LONG else (10, 200)


Statement = tuple[str, tuple[Any, ...]]


class Watch:
    """The rules of `check_invariants`, read after each step without building their querysets, which would cost more than the act.

    The statements are those that the rules send themselves. Counts are read by one statement, and written anew each day if one of
    them names the day (`is_current`). A rule that computes from rows is evaluated again once its statements read other rows.
    """

    def __init__(self) -> None:
        self._learn()

    def _learn(self) -> None:
        self.day = clock.today()
        sent = {rule: statements_of(count) for rule, count in RULES.items()}
        self.counts = {rule: said for rule, said in sent.items() if are_counts(said)}
        self.computed = {rule: Computed(count) for rule, count in RULES.items() if rule not in self.counts}

    def breaches(self) -> dict[str, int]:
        if self.day != clock.today():
            self._learn()
        found = self._counted() | {rule: computed.value() for rule, computed in self.computed.items()}
        return {rule: number for rule, number in found.items() if number}

    def _counted(self) -> dict[str, int]:
        statements = [statement for said in self.counts.values() for statement in said]
        sql = "SELECT " + ", ".join(f"({text})" for text, _ in statements)
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for _, values in statements for value in values])
            numbers = iter(cursor.fetchone())
        return {rule: sum(islice(numbers, len(said))) for rule, said in self.counts.items()}

    def is_current(self) -> bool:
        """Whether the rules would still send the same statements today."""
        return self.day != clock.today() or all(
            statements_of(RULES[rule]) == said for rule, said in self.counts.items()
        )


class Computed:
    """A rule computed from rows. Its value is kept while its statements read the same rows."""

    def __init__(self, count: Callable[[], int]) -> None:
        self.count = count
        self.read: list[tuple[Statement, Any]] = []
        self.found = 0

    def value(self) -> int:
        if not self.read or any(rows_of(statement) != rows for statement, rows in self.read):
            sent: list[Statement] = []
            with connection.execute_wrapper(noting(sent)):
                self.found = self.count()
            self.read = [(statement, rows_of(statement)) for statement in sent]
        return self.found


def rows_of(statement: Statement) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return list(cursor.fetchall())


def statements_of(count: Callable[[], int]) -> list[Statement]:
    sent: list[Statement] = []
    with connection.execute_wrapper(noting(sent)):
        count()
    return sent


def noting(sent: list[Statement]) -> Callable[..., Any]:
    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    return note


def are_counts(sent: list[Statement]) -> bool:
    """Return whether a rule is the sum of counts, in whose statements no moment is written."""
    return bool(sent) and all(
        sql.startswith("SELECT COUNT(") and not names_a_moment(values) for sql, values in sent
    )


def names_a_moment(values: tuple[Any, ...]) -> bool:
    """Return whether a statement is another one a second later."""
    return any(
        isinstance(value, datetime) or re.match(r"\d{4}-\d\d-\d\d[ T]\d", str(value)) for value in values
    )


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
    assert len(watch.counts) >= 26 and {*watch.counts, *watch.computed} == set(RULES)
    watch.breaches()
    read = [values for computed in watch.computed.values() for (_, values), _ in computed.read]
    assert read and not any(map(names_a_moment, read)), "the rows of another moment would be kept"


def test_a_rule_computed_from_rows_is_evaluated_again_once_they_change() -> None:
    """The twin of `Computed`: a light that is wrong is found though the rule held a moment ago, and is right again."""
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI), tick=True) as traveller:
        watch = (World(random.Random(1), traveller.shift), Watch())[1]
        assert watch.breaches() == {}
        light = UnitLight.objects.order_by("pk").first()
        assert light
        UnitLight.objects.filter(pk=light.pk).update(overdue=light.overdue + 1)
        assert watch.breaches() == {"every stored light equals a recount": 1} == watch.breaches()
        UnitLight.objects.filter(pk=light.pk).update(overdue=light.overdue)
        assert watch.breaches() == {}
