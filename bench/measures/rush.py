"""Many teachers at once: on one course of forty places, and on five hundred courses."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.clients import answers
from bench.harness import Bench, Result, figure
from bench.serving import gunicorn
from bench.sides import Ours, Same

PEOPLE, PLACES, SPREAD, GOES, CONNECTIONS = 2000, 40, 500, 9, 64


class Rush:
    """The sides, served side by side; goes are run in turns."""

    def __init__(self, sides: list[tuple[Ours, int]]) -> None:
        self.sides = sides
        self.per_second: dict[str, list[float]] = {side.name: [] for side, _ in sides}
        self.faults: list[str] = []

    def run(self, courses: int, places: int, goes: int, connections: int = CONNECTIONS) -> None:
        for number in range(goes + 1):
            for side, port in self.sides if number % 2 else reversed(self.sides):
                rate = self.once(side, port, courses, places, connections)
                if number:  # the first go only warms
                    self.per_second[side.name].append(rate)

    def once(self, side: Ours, port: int, courses: int, places: int, connections: int) -> float:
        made = side.fresh(courses, places)
        asks = side.asks(made)
        found = answers(port, asks, connections)
        held = min(len(asks), courses * places)
        came, wanted = side.outcome(made), (held, len(asks) - held)
        if found.statuses != {"302": len(asks)} or came != wanted:
            self.faults.append(f"{side.name}: {found.statuses}, {came}, not {wanted}")
        return found.per_second

    def result(self, name: str, what: str) -> Result:
        ours, same = (round(statistics.median(rates), 1) for rates in self.per_second.values())
        more = {"faults": self.faults, "broken": bool(self.faults)}
        return Result(name, ours, same, "enrolments/s", 0.6, lower=False, note=what, more=more)


@contextmanager
def rushing(people: int) -> Iterator[Rush]:
    with ExitStack() as stack:
        sides = []
        for kind in (Ours, Same):
            sides.append(side := kind(people))
            stack.callback(side.clear)
        yield Rush([(s, stack.enter_context(gunicorn(s.application, **s.environment))) for s in sides])


@figure
def seat_rush(bench: Bench, people: int = PEOPLE, goes: int = GOES) -> Iterator[Result]:
    with rushing(people) as rush:
        rush.run(1, PLACES, goes)
        yield rush.result("seat_rush", f"{people} teachers, one course of {PLACES} places, the rest waits")


@figure
def enrol_spread(
    bench: Bench, people: int = PEOPLE, courses: int = SPREAD, goes: int = GOES
) -> Iterator[Result]:
    with rushing(people) as rush:
        rush.run(courses, PLACES, goes)
        yield rush.result("enrol_spread", f"{people} teachers over {courses} courses")
