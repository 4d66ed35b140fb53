"""What an operator plans a machine by: requests of 32 people at once, memory of the processes, and how many mail workers help."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.urls import reverse

from bench.children import call
from bench.clients import Answers, Ask, Clients, percentile
from bench.harness import Bench, Result, figure
from bench.measures.mails import clear, hold_others, write
from bench.measures.rush import rushing
from bench.serving import ROOT, environment, gunicorn
from bench.sides import Ours, Same
from courses.models import Course
from notices.models import Notice
from tests.smtp_sink import Session, Sink

PEOPLE, PLACES, AT_ONCE, GOES = 1000, 30, 32, 3
PAGES = 1500
MAILS, DELAY = 1200, 0.04
WORKERS = (1, 2, 3, 4)
MEMORY = 150


@figure
def at_once(bench: Bench, people: int = PEOPLE, goes: int = GOES) -> Iterator[Result]:
    """Requests a second of 32 connections: enrolling in one course, beside the bare view, and reading its page."""
    with rushing(people, Ours, Same) as rush:
        rush.run(1, PLACES, goes, AT_ONCE)
        read = _reading(rush.sides[0][1])
    best, reference = (round(max(rates)) for rates in rush.per_second.values())
    load = os.getloadavg()[0]
    more = {"load": load, "faults": rush.faults, "broken": bool(rush.faults)}
    note = f"{AT_ONCE} connections, one course of {PLACES} places; the best of {goes} goes, in turns"
    yield Result("at_once.enrol", best, reference, "requests/s", 0.6, False, note=note, more=more)
    p95 = percentile([seconds for *_, seconds in read.taken], 0.95)
    broken = set(read.statuses) != {"200"}
    more = {"load": load, "p95": round(p95, 3), "statuses": read.statuses, "broken": broken}
    note = f"{AT_ONCE} connections, a public course's page, logged out; the reference is what the country needs of a machine"
    yield Result("at_once.page", round(read.per_second), 35, "requests/s", 1, False, note=note, more=more)


def _reading(port: int) -> Answers:
    codes = Course.objects.public().order_by("-id").values_list("code", flat=True)[:20]
    paths = [reverse("courses:public", args=[code]) for code in codes]
    for number in (100, PAGES):
        asks = [Ask(paths[n % len(paths)], "", post=False) for n in range(number)]
        answers = Clients(port, asks, connections=AT_ONCE).answers()
    return answers


@figure
def memory(bench: Bench) -> Iterator[Result]:
    """Proportional megabytes of the processes after work: a web server of two workers, and a worker of jobs with two processes."""
    with gunicorn(Ours.application) as port:
        _reading(port)
        web = _megabytes(f"--bind 127.0.0.1:{port}")
    with _worker() as words:
        jobs = _megabytes(words)
    for name, each in {"web": web, "worker": jobs}.items():
        note = "two processes, without the one that started them, shared pages by their share (PSS)"
        yield Result(
            f"memory.{name}", round(sum(each[:2]), 1), MEMORY, "MB", 1, note=note, more={"each": each}
        )


@contextmanager
def _worker() -> Iterator[str]:
    words = f"-A inservice worker -Q celery -n bench{os.getpid()}@here --concurrency 2"
    command = [sys.executable, "-m", "celery", "--quiet", *words.split()]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL)
    try:
        time.sleep(20)
        yield words
    finally:
        process.terminate()
        process.wait(60)


def _megabytes(words: str) -> list[float]:
    """Return the proportional sizes of the processes with such words in their command, the largest first."""
    sizes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text().replace("\0", " ")
            if words in line:
                sizes.append(int((folder / "smaps_rollup").read_text().split("Pss:")[1].split()[0]))
        except OSError:  # it has ended
            continue
    return sorted((round(size / 1024, 1) for size in sizes), reverse=True)


class Slow(Session):
    """A mail server that takes its time for each mail, as one across the network does."""

    def take(self) -> None:
        time.sleep(DELAY)
        super().take()


@figure
def mail_workers(bench: Bench, number: int = MAILS) -> Iterator[Result]:
    """Mails a second of 1, 2, 3 and 4 workers, at once, into a mail server that takes 40 ms for each mail; beside one worker."""
    rates: dict[int, float] = {}
    for workers in WORKERS:
        clear()
        hold_others()
        try:
            write(number)
            rates[workers], received = _drained_by(workers)
            left = Notice.objects.unsent().count()
        finally:
            clear()
        more = {"load": os.getloadavg()[0], "mails": number, "broken": received != number or left > 0}
        mine, one = round(rates[workers], 1), round(rates[1], 1)
        yield Result(f"mail_workers.{workers}", mine, one, "mails/s", 1, False, more=more)


def _drained_by(workers: int) -> tuple[float, int]:
    """Return mails a second, from the moment at which all workers have started, and how many mails arrived."""
    with Sink(session=Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with ThreadPoolExecutor(workers) as pool:
                ran = [
                    pool.submit(call, "bench.measures.mails:drain", str(server.port)) for _ in range(workers)
                ]
                seconds = max(one.result().seconds for one in ran)
        finally:
            server.shutdown()
        return server.count["mails"] / seconds, server.count["mails"]
