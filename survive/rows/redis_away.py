"""Row 11: Redis is down, slow, full and emptied; the site goes on, and what was to be done meanwhile is done afterwards."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import redis
from django.conf import settings
from django.urls import reverse

from accounts.models import BusinessAccount
from bench.clients import SECRET
from jobs.enums import JobState
from jobs.models import Job
from kit import clock
from notices.models import Notice
from survive import scenes
from survive.clients import Ask, Reply, send
from survive.row import Result, row
from survive.rows.worker_kills import start_jobs, write_notices
from survive.stack import Stack
from tests.factories import PASSWORD, make_account, make_course, make_unit, make_user
from tests.servers import wait_for

DRAINED_WITHIN = 60.0
# For the notices of the hundred thousand who enrolled in row 10.
EARLIER_NOTICES_WITHIN = 900.0


@contextlib.contextmanager
def down(stack: Stack) -> Iterator[None]:
    stack.redis.stop()
    try:
        yield
    finally:
        stack.start_redis()


@contextlib.contextmanager
def slow(stack: Stack) -> Iterator[None]:
    """Every command waits for up to 0.4 s, just below the time after which the site gives up."""
    over = threading.Event()

    def hold() -> None:
        with contextlib.closing(redis.Redis(port=stack.redis.port)) as line:
            while not over.is_set():
                line.execute_command("CLIENT", "PAUSE", "400", "ALL")
                over.wait(0.45)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def full(stack: Stack) -> Iterator[None]:
    """No command that needs memory is accepted."""
    with contextlib.closing(redis.Redis(port=stack.redis.port)) as line:
        line.config_set("maxmemory-policy", "noeviction")
        line.config_set("maxmemory", "1")
        try:
            yield
        finally:
            line.config_set("maxmemory", "0")


@contextlib.contextmanager
def emptied(stack: Stack) -> Iterator[None]:
    """Queues, bindings and cache are gone, again and again."""
    with contextlib.closing(redis.Redis(port=stack.redis.port)) as line:
        line.flushall()
        yield
        line.flushall()


TROUBLES: dict[str, Callable[[Stack], AbstractContextManager[None]]] = {
    "down": down,
    "slow": slow,
    "full": full,
    "emptied": emptied,
}


@row(
    "11",
    "Redis down, slow, full, emptied",
    "log-in, pages, enrol, close 100 %; drained ≤ 60 s after return",
    full={"goes": 10, "troubles": "down slow full emptied"},
    short={"goes": 1, "troubles": "slow emptied"},
)
def redis_away(stack: Stack, goes: int, troubles: str) -> Result:
    result, invariants = Result(), scenes.Invariants()
    said = [earlier_notices(result)]
    for name in troubles.split():
        slowest = 0.0
        with TROUBLES[name](stack):
            for _ in range(goes):
                slowest = max([slowest, *(visit(stack, result, name, act) for act in ACTS)])
            notices = write_notices(scenes.people(20))
            jobs = start_jobs(2)
        said.append(
            f"{name}: slowest {slowest:.1f} s, drained after {drained(result, name, notices, jobs):.0f} s"
        )
    invariants.judge(result)
    result.text = "; ".join(said)
    return result


def earlier_notices(result: Result) -> str:
    """Wait for the notices of earlier rows, behind which those of this row would wait; return how many were unsent and how long it took."""
    waiting, began = Notice.objects.unsent().count(), time.monotonic()
    wait_for(lambda: not Notice.objects.free(clock.now()).exists(), EARLIER_NOTICES_WITHIN, every=0.5)
    left = Notice.objects.free(clock.now()).count()
    result.expect(not left, f"{left} of {waiting} notices of earlier rows were left")
    return f"{waiting:,} earlier notices went in {time.monotonic() - began:.0f} s"


def visit(stack: Stack, result: Result, name: str, act: Callable[[int, Result, str], float]) -> float:
    result.tries += 1
    return act(stack.site.port, result, f"{act.__name__} while Redis is {name}")


def log_in(port: int, result: Result, what: str) -> float:
    """By the form, with the password."""
    person = make_user()
    fields = {"login": person.email, "password": PASSWORD}
    ask = Ask(reverse("account_login"), f"{settings.CSRF_COOKIE_NAME}={SECRET}", fields=fields)
    return _expect(
        result,
        what,
        send(port, ask),
        lambda one: one.status == 302 and settings.SESSION_COOKIE_NAME in one.cookies,
    )


def pages(port: int, result: Result, what: str) -> float:
    account = make_account(make_unit())
    asks = [
        Ask("/catalogue/"),
        Ask("/unit/", scenes.session_of(account)),
        Ask("/me/", scenes.session_of(account)),
    ]
    return max(
        _expect(result, f"{what}: {ask.path}", send(port, ask), lambda one: one.status == 200) for ask in asks
    )


def enrol(port: int, result: Result, what: str) -> float:
    course = make_course()
    (ask,) = scenes.enrols(course, scenes.sessions(scenes.people(1, course.unit)))
    return _expect(result, what, send(port, ask), lambda one: one.status == 201)


def close(port: int, result: Result, what: str) -> float:
    handler: BusinessAccount = make_account(make_unit())
    course, rows = scenes.ended_course(handler, scenes.people(10, handler.unit))
    ask = scenes.close_request(course, rows, scenes.session_of(handler), handler, "k")
    return _expect(result, what, send(port, ask), lambda one: one.status == 200)


ACTS = (log_in, pages, enrol, close)


def _expect(result: Result, what: str, reply: Reply, good: Callable[[Reply], bool]) -> float:
    result.expect(good(reply), f"{what}: {reply}")
    return reply.seconds


def drained(result: Result, name: str, notices: list[Notice], jobs: list[Job]) -> float:
    """Wait until all mail has left and all work is done; return the seconds since Redis is back."""
    began = time.monotonic()
    unsent = Notice.objects.unsent().filter(pk__in=[one.pk for one in notices])
    undone = Job.objects.filter(pk__in=[one.pk for one in jobs]).exclude(state=JobState.DONE)
    wait_for(lambda: not unsent.exists() and not undone.exists(), DRAINED_WITHIN * 3, every=0.5)
    took = time.monotonic() - began
    result.expect(
        took <= DRAINED_WITHIN,
        f"after Redis was {name}: {unsent.count()} notices and {undone.count()} jobs waited {took:.0f} s",
    )
    return took
