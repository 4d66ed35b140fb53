"""The same acts on every loaded set: the curves. The ratio is that of the largest set to the smallest."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.figures.closing import Scene
from bench.figures.lights import stale
from bench.figures.search import ours
from bench.harness import Bench, Result, figure, median, timed
from bench.pages import PAGES, YARDSTICK_UNIT, Page, Visit
from bench.words import SUBJECTS
from courses.actions import lights


def closing() -> float:
    scene: list[Scene] = []
    act = lambda: scene[0].close()  # noqa: E731
    return min(timed(act, lambda: scene.__setitem__(slice(None), [Scene()]), undo=True) for _ in range(5))


def page(which: Page) -> Callable[[], float]:
    def measure() -> float:
        visit = Visit(which)
        return median(visit.open, 15)

    return measure


def undone(act: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> Callable[[], float]:
    return lambda: sorted(timed(act, before, undo=True) for _ in range(7))[3]


@figure
def growth(bench: Bench) -> Iterator[Result]:
    acts: dict[str, tuple[Callable[[], float], float]] = {
        # The job's work is the nation's: it may grow as the units do.
        "lights_all_units": (undone(lights.refresh, stale), 500),
        "lights_one_unit": (undone(lambda: lights.refresh(unit_ids=[YARDSTICK_UNIT])), 1.5),
        "close_500": (closing, 1.5),
        "search": (lambda: median(ours({"q": SUBJECTS[0][:2], "past": "on"}), 15), 1.5),
        **{f"page {which.name}": (page(which), 1.5) for which in PAGES},
    }
    for name, (act, reach) in acts.items():
        curve: dict[str, float] = {}
        for size in bench.loaded:
            with bench.at(size):
                act()
                curve[size] = round(act(), 5)
        first, last = bench.loaded[0], bench.loaded[-1]
        yield Result(
            f"growth.{name}", curve[last], curve[first], "s", reach, size=last, more={"curve": curve}
        )
