"""Row 16: the morning of 31 March on the national set: an open loop of requests, while clerks close their last courses."""

import random
import threading
import time
from collections.abc import Iterator, Sequence

from django.urls import reverse

from accounts.models import BusinessAccount, User
from bench import sets
from bench.pages import YARDSTICK_UNIT, clerk, ended_course
from courses.models import Course, Enrolment
from survive import scenes
from survive.clients import Ask, Line
from survive.open_loop import LATE, Measured, measure
from survive.row import Result, row
from survive.stack import Stack

# Of a hundred requests: catalogue and courses, homes, closing sheets, enrolling.
SHARES = {"catalogue": 25, "course": 25, "home": 25, "sheet": 15, "enrol": 10}
TOO_SLOW = 500


@row(
    "16",
    "31 March morning on the national set",
    "80 requests a second for 10 minutes with 300 closings in parallel, two web workers: no status 500; then rising by 10 "
    "until p95 exceeds 500 ms; p95, p99 and the highest rate printed (aim 100 and 250 ms at 80)",
    full={"size": "national", "rate": 80, "seconds": 600, "closings": 300, "step": 10, "step_seconds": 30},
    short=None,
    alone=True,
)
def morning(
    stack: Stack, size: str, rate: int, seconds: int, closings: int, step: int, step_seconds: int
) -> Result:
    result, said = Result(), []
    stack.forget_connections()
    sets.ensure(size)
    site = stack.another_site(f"bench_{size}", SURVIVE_WITHOUT="worker mail beat")
    try:
        with sets.database(f"bench_{size}"):
            asks, close = list(requests(rate * seconds)), list(closing_requests(closings))
            stack.forget_connections()
            refused: list[str] = []
            beside = threading.Thread(target=_close, args=(site.port, close, seconds, refused))
            beside.start()
            first = measure(site.port, asks, rate, seconds)
            beside.join()
            result.faults += refused
            said.append(f"{rate}/s with {closings} closings: {_said(first)}")
            judge(result, first)
            said.append(f"highest rate {_highest(result, site.port, asks, rate, step, step_seconds)}/s")
    finally:
        site.end()
        stack.forget_connections()
    result.text = "; ".join(said)
    return result


def judge(result: Result, found: Measured) -> None:
    """No fault at any rate; figures are printed, not judged."""
    result.tries += sum(found.statuses.values()) - found.statuses.get(LATE, 0)
    for status, number in found.statuses.items():
        result.expect(
            status in ("200", "201", "302", "409", LATE), f"{found.rate:g}/s: {number} × status {status}"
        )


def _said(found: Measured) -> str:
    late = found.statuses.get(LATE, 0)
    given_up = f", {late:,} given up after a minute" if late else ""
    return f"p50 {found.ms(0.5)}, p95 {found.ms(0.95)}, p99 {found.ms(0.99)} ms{given_up}"


def _highest(result: Result, port: int, asks: Sequence[Ask], rate: int, step: int, seconds: int) -> int:
    """Raise the rate until p95 is too slow; return the last rate at which it was not (0: not even the first)."""
    good = 0
    while step:
        found = measure(port, asks, rate, seconds)
        judge(result, found)
        if found.ms(0.95) > TOO_SLOW:
            break
        good, rate = rate, rate + step
    return good


def requests(number: int) -> Iterator[Ask]:
    """Yield so many requests in their shares, in an order that is the same in every run."""
    dice = random.Random(31)
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    people = list(User.objects.exclude(pk__in=_holders()).order_by("pk")[:500])
    cookies, clerks = scenes.sessions(people), scenes.sessions([clerk()])
    courses = list(
        Course.objects.public().unclosed().filter(seats_taken__gt=0).order_by("-starts_on", "pk")[:400]
    )
    codes = [course.code for course in courses]
    free = [(code, cookie) for code in codes for cookie in cookies]
    dice.shuffle(free)
    sheet = reverse("hours:close", args=[ended_course().code])
    for count in range(number):
        match dice.choice(kinds):
            case "catalogue":
                yield Ask(reverse("courses:catalogue"), dice.choice(["", *cookies[:5]]))
            case "course":
                yield Ask(
                    reverse("courses:public", args=[dice.choice(codes)]), dice.choice(["", *cookies[:5]])
                )
            case "home":
                yield Ask(reverse("hours:me"), cookies[count % len(cookies)])
            case "sheet":
                yield Ask(sheet, clerks[0])
            case _:
                code, cookie = free[count % len(free)]
                yield Ask(reverse("courses:enrol", args=[code]), cookie, fields={})


def _holders() -> set[int]:
    return set(BusinessAccount.objects.filter(unit=YARDSTICK_UNIT).values_list("user_id", flat=True))


def closing_requests(number: int) -> Iterator[Ask]:
    """Yield the closings of so many courses that wait for their hours, by their handlers; the yardstick's own stays open."""
    waiting = Course.objects.closable().exclude(pk=ended_course().pk).select_related("handler__user")
    for course in waiting.order_by("pk")[:number]:
        rows = list(Enrolment.objects.filter(course=course, state="admitted"))
        yield scenes.close_request(course, rows, scenes.session_of(course.handler), course.handler, "31")


def _close(port: int, asks: Sequence[Ask], seconds: int, refused: list[str]) -> None:
    """Close the courses one after another, spread over the time."""
    line, began = Line(port), time.monotonic()
    for number, ask in enumerate(asks):
        time.sleep(max(0.0, began + seconds * number / len(asks) - time.monotonic()))
        reply = line.send(ask)
        if reply.status != 200:
            refused.append(f"a closing beside: {reply}")
    line.close()
