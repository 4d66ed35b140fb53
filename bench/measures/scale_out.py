"""Whether throughput follows the processes: one and two web workers, one and two workers that drain the outbox
and that write a county's records, one PostgreSQL."""

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.urls import reverse

from accounts.models import County
from bench import letters
from bench.children import call
from bench.clients import Ask, Clients
from bench.harness import Bench, Result, figure
from bench.people_sets import HOME
from bench.serving import gunicorn
from bench.smtp_sink import sink
from courses.models import Course
from kit import clock

GOES, PAGES, LETTERS = 5, 600, 3000
NOTE = "two cores, which PostgreSQL and the asking side share"


@figure
def scale_out(bench: Bench, goes: int = GOES, pages: int = PAGES, number: int = LETTERS) -> Iterator[Result]:
    codes = list(Course.objects.public().order_by("-pk").values_list("code", flat=True)[:200])
    asks = [
        Ask(reverse("courses:public", args=[codes[n % len(codes)]]), "", post=False) for n in range(pages)
    ]
    with gunicorn("inservice.wsgi", workers=1) as one, gunicorn("inservice.wsgi", workers=2) as two:
        ports = {1: one, 2: two}
        for port in ports.values():  # the first go only warms
            look(port, asks)
        yield _compared("web", "pages/s", goes, lambda workers: look(ports[workers], asks))
    yield _compared("worker", "mails/s", goes, lambda workers: drain(workers, number))
    where = ("xlsx", County.objects.get(name=HOME).pk, clock.this_year())
    yield _compared("export", "rows/s", goes, lambda workers: export(workers, *where))


def look(port: int, asks: list[Ask]) -> tuple[float, int]:
    """Pages a second, and how many did not come."""
    answers = Clients(port, asks, connections=16, keep=False).answers()
    return answers.per_second, len(asks) - answers.statuses.get("200", 0)


def drain(workers: int, number: int) -> tuple[float, int]:
    """Letters a second of so many workers at once, and how many were lost or sent twice."""
    letters.clear()
    letters.hold_others()
    letters.write(number)
    try:
        with sink() as server, ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(lambda _: call("bench.letters:drain", server.port), range(workers)))
            received = server.count["mails"]
    finally:
        letters.clear()
    return number / max(one.seconds for one in done), abs(number - received)


def export(workers: int, *where: object) -> tuple[float, int]:
    """Rows a second of so many workers that write the same records at once, and by how many rows their files differ."""
    with ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(lambda _: call("bench.exports:write", *where), range(workers)))
    rows = [one.answer for one in done]
    return sum(rows) / max(one.seconds for one in done), max(rows) - min(rows)


def _compared(name: str, unit: str, goes: int, once: Callable[[int], tuple[float, int]]) -> Result:
    """Two processes against one, in turns; `once` answers the rate of so many processes, and what went wrong."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    faults = 0
    for _ in range(goes):
        for processes, found in rates.items():
            rate, wrong = once(processes)
            found.append(rate)
            faults += wrong
    one, two = (statistics.median(found) for found in rates.values())
    return Result(
        f"scale_out.{name}", round(two, 1), round(one, 1), unit, 1.3, lower=False, note=f"two processes against one; {NOTE}",
        more={"faults": faults, "broken": bool(faults)},
    )  # fmt: skip
