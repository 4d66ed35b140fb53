"""Row 3: the same closing many times at once, two clerks with different sheets, and large courses."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from accounts.models import BusinessAccount
from courses.enums import CourseState
from courses.models import Course, Enrolment
from hours.models import Closing, HourCredit
from survive import scenes
from survive.clients import Reply, send, send_all
from survive.row import Result, row
from survive.stack import Stack
from tests.factories import make_account, make_unit

IN_TIME = 2.0


@row(
    "3",
    "the same close at once, two clerks, large courses",
    "50 times at once: once; two clerks: one closes; 500 people in < 2 s; 3,000 people",
    full={"times": 50, "people": 40, "duels": 10, "large": 500, "huge": 3000, "goes": 3},
    short={"times": 20, "people": 10, "duels": 2, "large": 500, "huge": 0, "goes": 1},
)
def closing(stack: Stack, times: int, people: int, duels: int, large: int, huge: int, goes: int) -> Result:
    result, invariants, port = Result(), scenes.Invariants(), stack.site.port
    handler = make_account(make_unit())
    cookie = scenes.session_of(handler)
    course, rows = scenes.ended_course(handler, scenes.people(people, handler.unit))
    asks = [scenes.close_request(course, rows, cookie, handler, "the-same")] * times
    judge_same(result, course, rows, send_all(port, asks, times))
    for _ in range(duels):
        duel(result, port, handler, people)
    seconds = [alone(result, port, handler, cookie, large) for _ in range(goes)]
    median = statistics.median(seconds)
    result.expect(median < IN_TIME, f"{large} people took {median:.2f} s, not less than {IN_TIME:g}")
    result.text = f"{large} people in {median:.2f} s"
    if huge:
        result.text += f", {huge} in {alone(result, port, handler, cookie, huge):.2f} s"
    invariants.judge(result)
    return result


def judge_same(result: Result, course: Course, rows: Sequence[Enrolment], replies: Sequence[Reply]) -> None:
    """Everybody gets the same reply, and the hours are issued once."""
    result.tries += len(replies)
    result.equal(
        "statuses of the same close", dict(Counter(one.status for one in replies)), {200: len(replies)}
    )
    result.equal("different replies to the same close", len({one.text for one in replies}), 1)
    issued_once(result, course, len(rows))


def issued_once(result: Result, course: Course, people: int) -> None:
    """One closing, one credit a person, one notice a person."""
    course.refresh_from_db()
    result.equal("state of the closed course", course.state, CourseState.CLOSED)
    result.equal("closings", Closing.objects.filter(course=course).count(), 1)
    result.equal("credits", HourCredit.objects.filter(course=course).count(), people)
    result.equal("notices of the hours", scenes.notices_of_hours(course), people)


def duel(result: Result, port: int, handler: BusinessAccount, people: int) -> None:
    """Two clerks close one course at once with different sheets: one of them does, and the other one gets 409."""
    course, rows = scenes.ended_course(handler, scenes.people(people, handler.unit))
    first = scenes.close_request(course, rows, scenes.session_of(handler), handler, "first")
    second = scenes.close_request(course, rows, scenes.session_of(handler), handler, "second")
    marks = [
        mark | ({"state": "absent", "hours": "0"} if number == 0 else {})
        for number, mark in enumerate(second.data["marks"])
    ]
    replies = send_all(port, [first, replace(second, data=second.data | {"marks": marks})], 2)
    result.tries += 2
    kinds = sorted(one.status for one in replies)
    result.equal("two clerks", kinds, [200, 409])
    result.equal("closings of two clerks", Closing.objects.filter(course=course).count(), 1)
    result.equal(
        "people after two clerks",
        HourCredit.objects.filter(course=course).count() in (people, people - 1),
        True,
    )


def alone(result: Result, port: int, handler: BusinessAccount, cookie: str, people: int) -> float:
    """Close one large course; return the seconds of the request."""
    course, rows = scenes.ended_course(handler, scenes.people(people, handler.unit))
    reply = send(port, scenes.close_request(course, rows, cookie, handler, "large"))
    result.tries += 1
    if result.expect(reply.status == 200, f"closing {people} people: {reply}"):
        issued_once(result, course, people)
    return reply.seconds
