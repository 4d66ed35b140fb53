"""The two phases of `script/mutate`, as a pytest plugin (`-p tests.mutation.plugin`); the environment says which.

`MUTATE_MAP=file` alone: run the tests as always and write which tests came to which guard, by the guard's name.
With `MUTATE_REPORT=file` too: switch off one guard after the other, run the tests that came to it until one fails, write what survived.
`MUTATE_PART=1/2` takes every second guard; `MUTATE_KIND` names kinds of guards; `MUTATE_TESTS` is how many tests a guard may cost at most.
`MUTATE_AGAIN` is the MUTATE_REPORT of another run: what survived there is tried as well, whatever its kind.

Both files are written as the run goes on. A phase that is begun again with them leaves out the guards that are judged.
"""

import json
import os
import random
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation import guards

guards.install()
MAP, REPORT = os.environ["MUTATE_MAP"], os.environ.get("MUTATE_REPORT", "")
PART, PARTS = (int(n) for n in os.environ.get("MUTATE_PART", "1/1").split("/"))
MOST = int(os.environ.get("MUTATE_TESTS", "60"))
# Without its guard a test may never end; then it has failed (seconds). One that no exception ends, as it waits within a library in C, ends
# the process by this status a minute later, and the run goes on in another (`script/mutate`).
LONGEST, UNENDING = 120, 77
SEEN: defaultdict[str, set[str]] = defaultdict(set)
DURATIONS: dict[str, float] = {}
# A test that fails with every guard on shows nothing.
FAILED: set[str] = set()


def pytest_collection_finish() -> None:
    guards.load_all()


# After so many tests the map is written anew.
EACH = 500


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    guards.reached.clear()
    yield
    if not REPORT:
        for number in guards.reached:
            SEEN[guards.GUARDS[number].name].add(item.nodeid)
        if len(DURATIONS) % EACH == 0:
            write_map(item.config)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        DURATIONS[report.nodeid] = report.duration
    if report.failed:
        FAILED.add(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if (
        REPORT
        or getattr(session.config, "workerinput", None) is None
        and session.config.getoption("numprocesses", None)
    ):
        return
    write_map(session.config)


def write_map(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    seen = {name: {t: DURATIONS.get(t, 9.0) for t in tests - FAILED} for name, tests in SEEN.items()}
    for guard in guards.GUARDS:
        seen.setdefault(guard.name, {})
    write_whole(Path(f"{MAP}.{worker}"), seen)


def write_whole(path: Path, data: Any) -> None:
    """Write a file that is there whole or not at all, whenever the process is ended."""
    new = path.with_name(f".{path.name}")
    new.write_text(json.dumps(data))
    new.replace(path)


def known() -> dict[str, dict[str, float]]:
    """The tests that came to each guard with their seconds, from every worker of the first phase."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for part in Path(MAP).parent.glob(f"{Path(MAP).name}.*"):
        for name, tests in json.loads(part.read_text()).items():
            found[name].update(tests)
    return found


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not REPORT:
        return None
    items = {item.nodeid: item for item in session.items}
    wanted = os.environ.get("MUTATE_KIND", "").split()
    report, again = Path(f"{REPORT}.{PART}"), survivors(os.environ.get("MUTATE_AGAIN", ""))
    by_name = {guard.name: guard for guard in guards.GUARDS}
    judged: dict[str, bool] = json.loads(report.read_text()) if report.exists() else {}
    for index, (name, tests) in enumerate(sorted(known().items())):
        guard = by_name.get(name)
        if guard is None or index % PARTS != PART - 1:
            continue
        if wanted and guard.kind not in wanted and name not in again:
            continue
        if name in judged:
            continue
        judged[name] = True
        tried = [items[t] for t in by_cost(tests) if t in items]
        judged[name] = caught(guard.number, tried, lambda: end_process(report, judged))
        if not judged[name]:
            print(f"survived: {name} ({len(tests)} tests)", flush=True)
        write_whole(report, judged)
    guards.ACTIVE[0] = -1
    return True


def survivors(report: str) -> set[str]:
    """Return the guards whose absence no test of another run noticed."""
    found = Path(report).parent.glob(f"{Path(report).name}.*") if report else ()
    return {
        name for path in found for name, is_caught in json.loads(path.read_text()).items() if not is_caught
    }


def by_cost(tests: dict[str, float]) -> list[str]:
    """The cheap tests first; of very many a sample, the same in every run."""
    cheap = sorted(tests, key=lambda test: (tests[test], test))
    return (
        cheap
        if len(cheap) <= MOST
        else [*cheap[: MOST // 2], *random.Random(7).sample(cheap[MOST // 2 :], MOST // 2)]
    )


class GivenUp(BaseException):
    """No `Exception`: what waits for a program or a lock would go on after one."""


def give_up(*_: object) -> None:
    raise GivenUp("the test does not end without its guard")


def end_process(report: Path, judged: dict[str, bool]) -> None:
    """End a process that waits for ever, with the guard that it waits for as one that was caught."""
    write_whole(report, judged)
    os._exit(UNENDING)


def caught(number: int, items: list[Any], unending: Callable[[], None]) -> bool:
    """Whether a test fails without the guard. The tests' own fixtures of module and session stay alive between them."""
    signal.signal(signal.SIGALRM, give_up)
    for index, item in enumerate(items):
        guards.ACTIVE[0] = number
        signal.alarm(LONGEST)
        watch = threading.Timer(LONGEST + 60, unending)
        watch.daemon = True
        watch.start()
        reports = runtestprotocol(
            item, log=False, nextitem=items[index + 1] if index + 1 < len(items) else item
        )
        watch.cancel()
        signal.alarm(0)
        guards.ACTIVE[0] = -1
        if any(report.failed for report in reports):
            return True
    return False
