"""Row 6: a web process is killed in the middle of a request, at points spread over its statements and after its commit."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.urls import reverse

from audit.models import AuditEvent
from courses.actions import transfers
from courses.enums import CourseState, EnrolmentState, TransferState
from courses.models import Enrolment
from hours.models import Attendance, Closing, HourCredit
from hours.queries.sign_codes import number_of
from kit import clock
from survive import scenes
from survive.clients import BROKEN, Ask, Reply, send
from survive.kill_points import COMMITTED, SENT
from survive.row import Result, row
from survive.stack import Stack
from tests.factories import acting, make_account, make_course, make_operator, make_unit
from tests.servers import wait_for

POINTS = 8


@dataclass(frozen=True)
class Scene:
    """One act that is about to be done. `done` looks at everything it writes and returns `all`, `nothing` or `half: …`."""

    ask: Ask
    done: Callable[[], str]


def whole(*signs: bool) -> str:
    """Return whether all signs of an act are there, none, or some."""
    if all(signs):
        return "all"
    return "nothing" if not any(signs) else f"half: {signs}"


def recorded(action: str, person: int) -> int:
    return AuditEvent.objects.filter(action=action, actor_id=person).count()


def closing() -> Scene:
    handler = make_account(make_unit())
    course, rows = scenes.ended_course(handler, scenes.people(20, handler.unit))
    ask = scenes.close_request(course, rows, scenes.session_of(handler), handler, "k")

    def done() -> str:
        course.refresh_from_db()
        credits = HourCredit.objects.filter(course=course).count()
        notices = scenes.notices_of_hours(course)
        if credits not in (0, len(rows)) or notices not in (0, len(rows)):
            return f"half: {credits} credits, {notices} notices"
        closed = course.state == CourseState.CLOSED
        record = recorded("course.close", handler.user.pk) == 1
        return whole(
            closed, Closing.objects.filter(course=course).exists(), bool(credits), bool(notices), record
        )

    return Scene(ask, done)


def enrolling() -> Scene:
    course = make_course(capacity=5)
    (person,) = scenes.people(1, course.unit)
    (ask,) = scenes.enrols(course, scenes.sessions([person]))

    def done() -> str:
        course.refresh_from_db()
        admitted = Enrolment.objects.filter(course=course, user=person, state=EnrolmentState.ADMITTED)
        return whole(admitted.exists(), course.seats_taken == 1, recorded("enrolment.enrol", person.pk) == 1)

    return Scene(ask, done)


def transferring() -> Scene:
    unit = make_unit()
    old, new, operator = make_account(unit), make_account(unit), make_operator()
    course = make_course(old)
    request = transfers.request(by=acting(new), courses=[course], reason="接辦")[0]
    fields = {"transfer": [request.pk], "action": "approve"}
    ask = Ask(reverse("courses:transfer_decide"), scenes.session_of(operator), fields=fields)

    def done() -> str:
        course.refresh_from_db()
        request.refresh_from_db()
        record = recorded("course.transfer", operator.user.pk) == 1
        return whole(course.handler_id == new.pk, request.state == TransferState.APPROVED, record)

    return Scene(ask, done)


def signing() -> Scene:
    session = scenes.running_session(make_course())
    (person,) = scenes.people(1, session.course.unit)
    scenes.admitted(session.course, [person])
    fields = {"session": session.pk, "number": number_of(session.pk, "in", clock.now())}
    ask = Ask(reverse("hours:sign"), scenes.sessions([person])[0], fields=fields)

    def done() -> str:
        signs = Attendance.objects.filter(session=session, user=person).count()
        return whole(signs == 1, recorded("attendance.sign", person.pk) == 1)

    return Scene(ask, done)


ACTS: dict[str, Callable[[], Scene]] = {
    "close": closing,
    "enrol": enrolling,
    "transfer": transferring,
    "sign-in": signing,
}


@row(
    "6",
    "kill -9 of web at 8 points of close, enrol, transfer, sign-in",
    "80 kills, 0 half states, 0 acknowledged lost",
    full={"kills": 80, "acts": "close enrol transfer sign-in"},
    short={"kills": 8, "acts": "close"},
)
def web_kills(stack: Stack, kills: int, acts: str) -> Result:
    result, invariants, names = Result(), scenes.Invariants(), acts.split()
    lengths = {name: statements(stack.site.port, ACTS[name], result) for name in names}
    for number in range(kills):
        name = names[number // POINTS % len(names)]
        point = point_of(number % POINTS, lengths[name])
        kill_at(stack, result, f"{name} at {point}", ACTS[name](), point)
    invariants.judge(result)
    # The twin: an act that is cut in two by hand is seen as half done.
    result.expect(whole(True, False).startswith("half"), "the look at half states sees none")
    result.text = ", ".join(f"{name}: {length} statements" for name, length in lengths.items())
    return result


def point_of(number: int, statements: int) -> str:
    """Return the point of a kill: six before a statement, spread from the first to the last; two after the commit."""
    if number >= POINTS - 2:
        return (COMMITTED, SENT)[number - POINTS + 2]
    return str(1 + round(number * (statements - 1) / (POINTS - 3)))


def statements(port: int, make: Callable[[], Scene], result: Result) -> int:
    """Do an act without a kill; return the number of its statements."""
    scene = make()
    reply = send(port, replace(scene.ask, headers={**scene.ask.headers, "X-Survive-Count": "1"}))
    result.equal("an act without a kill", scene.done(), "all")
    return int(reply.headers.get("X-Survive-Count", 1))


def kill_at(stack: Stack, result: Result, what: str, scene: Scene, point: str) -> None:
    """Send the request, by which its process dies; look at what is there; do it again as the person would."""
    before = {one.pid for one in stack.site.workers_of_web()}
    reply = send(stack.site.port, replace(scene.ask, headers={**scene.ask.headers, "X-Survive-Point": point}))
    result.tries += 1
    result.expect(
        wait_for(lambda: before - {one.pid for one in stack.site.workers_of_web()}, 10),
        f"{what}: nobody died",
    )
    judge(result, what, reply, scene.done())
    again = send(stack.site.port, scene.ask)
    result.expect(again.status not in (BROKEN, 500), f"{what}, once more: {again}")
    result.equal(f"{what}, once more", scene.done(), "all")


def judge(result: Result, what: str, reply: Reply, state: str) -> None:
    """Nothing half-done; what was acknowledged is there."""
    result.expect(state in ("all", "nothing"), f"{what}: {state}")
    if 200 <= reply.status < 400:
        result.expect(state == "all", f"{what}: acknowledged with {reply.status} and lost")
    result.expect(reply.status != 500, f"{what}: status 500")
