"""Row 2: many people want the places of one course."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from accounts.models import User
from bench.clients import percentile
from courses.enums import EnrolmentState
from courses.models import Course
from kit import clock
from survive import scenes
from survive.clients import Reply, send_all
from survive.row import Result, row
from survive.stack import Stack
from tests.concurrency.race import at_once
from tests.factories import make_course


@row(
    "2",
    "seats: clients on the places of one course",
    "200 clients on 30 places, 20 rounds: exactly 30; refusals clear; no status 500; the twin without the guard oversells",
    full={"clients": 200, "places": 30, "rounds": 20},
    short={"clients": 60, "places": 10, "rounds": 1},
)
def seats(stack: Stack, clients: int, places: int, rounds: int) -> Result:
    result, invariants, seconds = Result(), scenes.Invariants(), []
    for _ in range(rounds):
        course = make_course(capacity=places, waiting_list=False)
        who = scenes.people(clients, course.unit)
        replies = send_all(stack.site.port, scenes.enrols(course, scenes.sessions(who)), clients)
        judge(result, course, places, replies)
        seconds += [reply.seconds for reply in replies]
    invariants.judge(result)
    sold = without_guard(places, scenes.people(places * 3))
    result.expect(
        sold > places, f"the twin without the guard sold {sold} of {places} places: it proves nothing"
    )
    result.text = f"p95 {percentile(seconds, 0.95):.2f} s; the twin without the guard sold {sold} of {places}"
    return result


def judge(result: Result, course: Course, places: int, replies: Sequence[Reply]) -> None:
    """The places, the acknowledgements and the refusals of one round."""
    result.tries += len(replies)
    kinds = Counter("201" if one.status == 201 else f"{one.status} {one.code}" for one in replies)
    wanted = {"201": places, "409 CourseFull": len(replies) - places}
    result.equal("replies", dict(kinds), wanted)
    held = course.enrolments.filter(state=EnrolmentState.ADMITTED).count()
    result.equal("places held", held, places)


def without_guard(places: int, who: Sequence[User]) -> int:
    """Sell the places of a course by looking first and writing afterwards; return how many were sold."""
    course = make_course(capacity=places)

    def naive(user: User) -> Callable[[], None]:
        def take() -> None:
            taken = course.enrolments.filter(state=EnrolmentState.ADMITTED).count()
            time.sleep(0.02)
            if taken < places:
                course.enrolments.create(
                    user=user,
                    unit_id=course.unit_id,
                    state=EnrolmentState.ADMITTED,
                    enrolled_at=clock.now(),
                )

        return take

    at_once([naive(user) for user in who])
    sold = course.enrolments.count()
    course.enrolments.all().delete()
    return sold
