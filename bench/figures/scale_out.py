"""Whether throughput follows the processes: one and two web workers, one and two workers that drain the outbox
and that write a county's records, one PostgreSQL."""

import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.urls import reverse

from accounts.models import County
from bench import letters
from bench.cast import HOME
from bench.children import call
from bench.clients import Ask, Clients
from bench.harness import Bench, Result, figure
from bench.serving import gunicorn
from bench.smtp_sink import sink
from courses.models import Course
from inservice import clock

GOES, PAGES, LETTERS = 5, 600, 3000
NOTE = "two cores, which PostgreSQL and the asking side share"


@figure
def scale_out(bench: Bench, goes: int = GOES, pages: int = PAGES, number: int = LETTERS) -> Iterator[Result]:
    codes = list(Course.objects.public().order_by("-pk").values_list("code", flat=True)[:200])
    asks = [
        Ask(reverse("courses:public", args=[codes[n % len(codes)]]), "", post=False) for n in range(pages)
    ]
    web: dict[int, list[float]] = {1: [], 2: []}
    faults = 0
    with gunicorn("inservice.wsgi", workers=1) as one, gunicorn("inservice.wsgi", workers=2) as two:
        for go in range(goes + 1):
            for workers, port in ((1, one), (2, two)):
                answers = Clients(port, asks, connections=16, keep=False).answers()
                faults += pages - answers.statuses.get("200", 0)
                if go:
                    web[workers].append(answers.per_second)
    yield _result("scale_out.web", web, "pages/s", faults)
    drained: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(goes):
        for workers, rates in drained.items():
            rate, lost = drain(workers, number)
            rates.append(rate)
            faults += lost
    yield _result("scale_out.worker", drained, "mails/s", faults)
    written: dict[int, list[float]] = {1: [], 2: []}
    where = ("xlsx", County.objects.get(name=HOME).pk, clock.this_year())
    for _ in range(goes):
        for workers, rates in written.items():
            with ThreadPoolExecutor(workers) as pool:
                done = list(pool.map(lambda _: call("bench.exports:write", *where), range(workers)))
            rates.append(sum(one.answer for one in done) / max(one.seconds for one in done))
    yield _result("scale_out.export", written, "rows/s", 0)


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


def _result(name: str, rates: dict[int, list[float]], unit: str, faults: int) -> Result:
    one, two = (statistics.median(found) for found in rates.values())
    return Result(
        name, round(two, 1), round(one, 1), unit, 1.3, lower=False, note=f"two processes against one; {NOTE}",
        more={"faults": faults, "broken": bool(faults)},
    )  # fmt: skip
