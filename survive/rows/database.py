"""Rows 10 and 12: PostgreSQL is killed, and restarted, below people who enrol."""

import time
from collections.abc import Iterator, Mapping, Sequence

from django.urls import reverse

from courses.models import Enrolment
from survive import scenes
from survive.clients import BROKEN, SEARCH, Ask, Load, Reply, until
from survive.database import DURABLE
from survive.row import Result, row
from survive.stack import Stack
from tests.factories import make_course, make_unit

BACK_WITHIN, AWAY_AT_MOST = 10.0, 5.0
CONNECTIONS = 8


class Enrolling:
    """People who enrol in one course after another: every pair of person and course once."""

    def __init__(self, number: int) -> None:
        self.people = scenes.people(min(number, 1000), make_unit())
        self.cookies = scenes.sessions(self.people)
        self.courses = [make_course(capacity=len(self.people)) for _ in range(-(-number // len(self.people)))]
        self.pairs = [(course, n) for n in range(len(self.people)) for course in self.courses]

    def asks(self) -> Iterator[Ask]:
        for course, number in self.pairs:
            yield Ask(reverse("api:enrol", args=[course.code]), self.cookies[number], data={})

    def lost(self, replies: Mapping[int, Reply]) -> list[str]:
        """Return what was acknowledged and is not there."""
        held = set(Enrolment.objects.filter(course__in=self.courses).values_list("course_id", "user_id"))
        return missing([self._pair(number) for number, reply in replies.items() if reply.status == 201], held)

    def _pair(self, number: int) -> tuple[int, int]:
        course, person = self.pairs[number]
        return course.pk, self.people[person].pk


def missing(acknowledged: Sequence[tuple[int, int]], held: set[tuple[int, int]]) -> list[str]:
    return [f"acknowledged and lost: course {c}, person {p}" for c, p in acknowledged if (c, p) not in held]


@row(
    "10",
    "kill -9 of PostgreSQL under load",
    "20 times: 0 of ≥ 100,000 acknowledged lost; 503 meanwhile; first good request ≤ 10 s after it is back",
    full={"kills": 20, "acknowledged": 100_000, "most_minutes": 20},
    short={"kills": 1, "acknowledged": 200, "most_minutes": 2},
)
def database_kills(stack: Stack, kills: int, acknowledged: int, most_minutes: int) -> Result:
    result, invariants = Result(), scenes.Invariants()
    result.equal("durability", stack.postgres.settings_that_ship(), dict.fromkeys(DURABLE, "on"))
    scene, back, recovery = Enrolling(acknowledged + acknowledged // 5 + 200), [], [0.0]
    over = time.monotonic() + most_minutes * 60
    with Load(stack.site.port, scene.asks(), CONNECTIONS) as load:
        for number in range(kills):
            _wait_until(load, acknowledged * (number + 1) // (kills + 1), over)
            stack.postgres.kill()
            look_for_outage(stack, result)
            began = time.monotonic()
            stack.start_postgres()
            recovery.append(time.monotonic() - began)
            back.append(first_good(stack, result))
        _wait_until(load, acknowledged, over)
    stack.forget_connections()
    judge(result, load, scene.lost(load.replies))
    result.expect(load.acknowledged() >= acknowledged, f"only {load.acknowledged():,} were acknowledged")
    invariants.judge(result)
    result.tries = load.acknowledged()
    result.text = (
        f"{kills} kills; first good request after {max(back, default=0):.1f} s at most; statuses {said(load)}"
    )
    return result


@row(
    "12",
    "PostgreSQL restarted under load",
    "3 times: no status 500; ≤ 5 s of 503 each",
    full={"restarts": 3, "between": 600},
    short={"restarts": 1, "between": 60},
)
def database_restarts(stack: Stack, restarts: int, between: int) -> Result:
    result, invariants, away = Result(), scenes.Invariants(), []
    scene = Enrolling(between * (restarts + 1) * 4)
    over = time.monotonic() + 300
    with Load(stack.site.port, scene.asks(), CONNECTIONS) as load:
        for number in range(restarts):
            _wait_until(load, between * (number + 1), over)
            began = time.monotonic()
            stack.postgres.stop()
            stack.start_postgres()
            first_good(stack, result)
            _wait_until(load, load.acknowledged() + between // 2, over)
            away.append(seconds_away(load.everything, began))
            result.expect(away[-1] <= AWAY_AT_MOST, f"503 for {away[-1]:.1f} s")
    stack.forget_connections()
    judge(result, load, scene.lost(load.replies))
    invariants.judge(result)
    result.tries = load.acknowledged()
    result.text = f"503 for {max(away, default=0):.1f} s at most; statuses {said(load)}"
    return result


def judge(result: Result, load: Load, lost: Sequence[str]) -> None:
    """Nothing acknowledged is lost; every reply is a success, or 503 while the site is not available.

    Who tries again after an unclear end may be enrolled already.
    """
    result.faults += lost
    for reply in load.everything:
        result.expect(reply.status in (201, 503, 409), str(reply))
    for number, reply in load.replies.items():
        result.expect(reply.status != 409 or number in load.repeated, f"request {number}: {reply}")


def seconds_away(replies: Sequence[Reply], since: float) -> float:
    """Return the seconds between the first and the last reply that was no success, since a moment."""
    bad = [reply for reply in replies if reply.status in (BROKEN, 503) and reply.began >= since - 1]
    return max((one.began + one.seconds for one in bad), default=0) - min(
        (one.began for one in bad), default=0
    )


def look_for_outage(stack: Stack, result: Result) -> None:
    reply, _ = until(stack.site.port, Ask(SEARCH), lambda one: one.status == 503, 10)
    result.expect(reply.status == 503, f"while PostgreSQL was away the catalogue said {reply}")


def first_good(stack: Stack, result: Result) -> float:
    reply, seconds = until(stack.site.port, Ask(SEARCH), lambda one: one.status == 200, 30)
    result.expect(
        reply.status == 200 and seconds <= BACK_WITHIN, f"the first good request came after {seconds:.1f} s"
    )
    return seconds


def _wait_until(load: Load, acknowledged: int, over: float) -> None:
    while load.acknowledged() < acknowledged and load.running and time.monotonic() < over:
        time.sleep(0.1)


def said(load: Load) -> str:
    return ", ".join(
        f"{status or 'broken'}: {number:,}" for status, number in sorted(load.statuses().items())
    )
