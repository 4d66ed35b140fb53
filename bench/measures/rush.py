"""Many teachers at once: on one course of forty places, on five hundred courses, and a bystander meanwhile."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.urls import reverse

from bench.clients import Answers, Ask, Clients, percentile
from bench.harness import Bench, Result, figure
from bench.serving import gunicorn
from bench.sides import Ours, Same, Three

PEOPLE, PLACES, SPREAD, GOES = 2000, 40, 500, 9
# Four bystanders, each of whom enrols in another course and opens the catalogue in turns.
BYSTANDERS, PAUSE, ASKED, RUSHES = 4, 0.05, 400, 3
KINDS = ("enrol", "catalogue")


class Rush:
    """The sides, served side by side; goes are run in turns."""

    def __init__(self, sides: list[tuple[Ours, int]]) -> None:
        self.sides = sides
        self.per_second: dict[str, list[float]] = {side.name: [] for side, _ in sides}
        self.faults: list[str] = []

    def run(self, courses: int, places: int, goes: int, connections: int = 64) -> None:
        for number in range(goes + 1):
            for side, port in self.sides if number % 2 else reversed(self.sides):
                answers = self.once(side, port, courses, places, connections)
                if number:  # the first go only warms
                    self.per_second[side.name].append(answers.per_second)

    def once(self, side: Ours, port: int, courses: int, places: int, connections: int = 64) -> Answers:
        made = side.courses(courses, places)
        asks = side.asks(made)
        answers = Clients(port, asks, connections).answers()
        places_held = min(len(asks), courses * places)
        wanted = ({"302": len(asks)}, (places_held, len(asks) - places_held))
        if (found := (answers.statuses, side.outcome(made))) != wanted:
            self.faults.append(f"{side.name}: {found}, not {wanted}")
        return answers

    def result(self, name: str, what: str) -> Result:
        ours, same, three = (round(statistics.median(rates), 1) for rates in self.per_second.values())
        more = {"faults": self.faults, "broken": bool(self.faults)}
        more |= {"three_statements": three, "ratio_to_three_statements": round(ours / three, 2)}
        return Result(name, ours, same, "enrolments/s", 0.6, lower=False, note=what, more=more)


@contextmanager
def rushing(people: int, *kinds: type[Ours]) -> Iterator[Rush]:
    with ExitStack() as stack:
        sides = []
        for kind in kinds:
            sides.append(side := kind(people))
            stack.callback(side.clear)
        yield Rush([(s, stack.enter_context(gunicorn(s.application, **s.environment))) for s in sides])


@figure
def seat_rush(bench: Bench, people: int = PEOPLE, goes: int = GOES) -> Iterator[Result]:
    with rushing(people, Ours, Same, Three) as rush:
        rush.run(1, PLACES, goes)
        yield rush.result(
            "seat_rush", f"{people} teachers, one course of {PLACES} places, the rest on its waiting list"
        )


@figure
def enrol_spread(
    bench: Bench, people: int = PEOPLE, courses: int = SPREAD, goes: int = GOES
) -> Iterator[Result]:
    with rushing(people, Ours, Same, Three) as rush:
        rush.run(courses, PLACES, goes)
        yield rush.result("enrol_spread", f"{people} teachers over {courses} courses")


@figure
def bystander(
    bench: Bench, people: int = PEOPLE, asked: int = ASKED, rushes: int = RUSHES
) -> Iterator[Result]:
    """Measure the waiting time of a bystander who enrols elsewhere or opens the catalogue, without load, during a rush for
    one course, and during as many enrolments that are spread. The last two differ by the hot row alone.
    """
    with rushing(people, Ours) as rush:
        side, port = rush.sides[0]
        rush.once(side, port, 1, PLACES)
        alone = Bystander(side, port, asked).waits()
        hot, spread = _beside(rush, 1, asked, rushes), _beside(rush, SPREAD, asked, rushes)
    for kind in KINDS:
        p95 = [round(percentile(waits[kind], 0.95), 4) for waits in (hot, spread, alone)]
        more = {
            "p95_alone": p95[2],
            "median": round(statistics.median(hot[kind]), 4),
            "asked": len(hot[kind]),
        }
        more |= {"faults": rush.faults, "broken": bool(rush.faults)}
        note = "p95 during the rush for one course against the same number of enrolments over many"
        yield Result(f"bystander.{kind}", p95[0], p95[1], "s", 1.3, note=note, more=more)


def _beside(rush: Rush, courses: int, asked: int, rushes: int) -> dict[str, list[float]]:
    side, port = rush.sides[0]
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(rushes):
        made = side.courses(courses, PLACES)
        others, beside = Clients(port, side.asks(made)), Bystander(side, port, asked)
        seconds = others.answers().seconds
        for kind, waits in beside.waits(seconds).items():
            found[kind] += waits
    return found


class Bystander:
    """People beside: each request enrols in a course of its own, or opens the catalogue."""

    def __init__(self, side: Ours, port: int, asked: int) -> None:
        enrols = side.asks(side.courses(asked // 2, PLACES))[: asked // 2]
        looks = [Ask(reverse("courses:catalogue"), ask.cookie, post=False) for ask in enrols]
        pairs = [ask for pair in zip(enrols, looks, strict=True) for ask in pair]
        self.clients = Clients(port, pairs, connections=BYSTANDERS, pause=PAUSE)

    def waits(self, within: float = 1e9) -> dict[str, list[float]]:
        """Seconds of each request that was begun while the others rushed."""
        found: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for number, began, took in self.clients.answers().taken:
            if began < within:
                found[KINDS[number % len(KINDS)]].append(took)
        return found
