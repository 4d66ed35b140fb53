"""What an operator plans a machine by: pages that 32 people read at once, and the memory of the web processes afterwards."""

import os
from collections.abc import Iterator

import psutil
from django.urls import reverse

from bench.clients import Ask, answers, percentile
from bench.harness import Bench, Result, figure
from bench.serving import gunicorn
from courses.models import Course

# The references: pages a second that the country needs of a machine (docs/scaling.md), and megabytes.
AT_ONCE, PAGES, WANTED, MEMORY = 32, 1500, 35, 150


@figure
def one_machine(bench: Bench, number: int = PAGES) -> Iterator[Result]:
    """Requests a second for public course pages, and the proportional megabytes (PSS) of the two workers that served them."""
    codes = Course.objects.public().order_by("-id").values_list("code", flat=True)[:20]
    asks = [Ask(reverse("courses:public", args=[code]), "", post=False) for code in codes]
    with gunicorn("inservice.wsgi") as port:
        answers(port, asks * 5, AT_ONCE)
        read = answers(port, asks * (number // len(asks)), AT_ONCE)
        started = psutil.Process().children(recursive=True)
        workers = [p for p in started if f"127.0.0.1:{port}" in p.cmdline() and p.ppid() != os.getpid()]
        each = [round(process.memory_full_info().pss / 2**20, 1) for process in workers]
    more = {"load": os.getloadavg()[0], "p95": round(percentile(read.taken, 0.95), 3)}
    more |= {"statuses": read.statuses, "broken": set(read.statuses) != {"200"}}
    note, rate = f"{AT_ONCE} connections, logged out", round(read.per_second)
    yield Result("at_once", rate, WANTED, "requests/s", 1, lower=False, note=note, more=more)
    note = "without the process that started them, shared pages by their share"
    more = {"each": each, "broken": len(each) != 2}
    yield Result("memory", round(sum(each), 1), MEMORY, "MB", 1, note=note, more=more)
