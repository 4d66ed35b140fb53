"""The same acts on every loaded set: the curves. The ratio is that of the largest set to the smallest; pages count processor time."""

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from bench.harness import Bench, Result, figure, timed
from bench.measures.closing import Scene
from bench.measures.lights import stale
from bench.measures.search import ours
from bench.pages import PAGES, YARDSTICK_UNIT, Page, Visit, database_busy
from bench.words import WORD
from courses.actions import lights
from courses.models import Course


def closing() -> float:
    scene: list[Scene] = []
    act = lambda: scene[0].close()  # noqa: E731
    return fastest(act, lambda: scene.__setitem__(slice(None), [Scene()]))


def page(which: Page) -> Callable[[], float]:
    def measure() -> float:
        visit = Visit(which)
        before = database_busy()
        here = [visit.busy() for _ in range(25)]
        return median(here) + (database_busy() - before) / len(here)

    return measure


def undone(act: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> Callable[[], float]:
    return lambda: fastest(act, before)


def fastest(act: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    """The best of eleven: what the act itself takes when nobody else is at the processor."""
    return min(timed(act, before, undo=True) for _ in range(11))


@figure
def growth(bench: Bench) -> Iterator[Result]:
    acts: dict[str, tuple[Callable[[], float], float]] = {
        # The job's work is the nation's: it may grow as the units do.
        "lights_all_units": (undone(lights.refresh, stale), 500),
        "lights_one_unit": (undone(lambda: lights.refresh(unit_ids=[YARDSTICK_UNIT])), 1.5),
        "close_500": (closing, 1.5),
        "search": (undone(ours(WORD, past=True)), 1.5),
        **{f"page {which.name}": (page(which), 1.5) for which in PAGES},
    }
    for name, (act, reach) in acts.items():
        curve: dict[str, float] = {}
        for size in bench.loaded:
            with bench.at(size):
                act()
                curve[size] = round(act(), 5)
        first, last = bench.loaded[0], bench.loaded[-1]
        note = _page_of_finds(bench, first, last) if name == "search" else ""
        yield Result(
            f"growth.{name}",
            curve[last],
            curve[first],
            "s",
            reach,
            size=last,
            note=note,
            more={"curve": curve},
        )


def _page_of_finds(bench: Bench, first: str, last: str) -> str:
    """How much the same word finds: a page that is not full costs less than one that is."""
    found = {}
    for size in (first, last):
        with bench.at(size):
            matching = Course.objects.public().matching(WORD)
            found[size] = (matching.count(), len(ours(WORD, past=True)()))
    return ", ".join(f"{size}: finds {number}, shows {shown}" for size, (number, shown) in found.items())
