"""Row 5: acts that get in each other's way, over HTTP, in rounds."""

from collections import Counter
from collections.abc import Callable, Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.actions import imports
from accounts.models import BusinessAccount, User
from courses.actions import enrolments, transfers
from courses.actions.lights import follow
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment
from jobs.enums import FINISHED
from jobs.models import Job
from kit import clock
from survive import scenes
from survive.clients import BROKEN, Ask, Reply, send_all
from survive.row import Result, row
from survive.stack import Stack
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_operator,
    make_unit,
    overdue_courses,
    teacher,
)
from tests.security.numbers import number_of
from tests.servers import wait_for

HEAD = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n"


@row(
    "5",
    "fifth-course gate, transfer against everything, cancel against promotion, import against enrolling",
    "20 rounds each, no deadlock and no status 500 reaches a user",
    full={"rounds": 20, "races": "gate transfer promotion importing"},
    short={"rounds": 1, "races": "gate transfer promotion"},
)
def races(stack: Stack, rounds: int, races: str) -> Result:
    result, invariants, seen = Result(), scenes.Invariants(), Counter[str]()
    deadlocks = stack.postgres.log().count("deadlock detected")
    for name in races.split():
        for number in range(rounds):
            for reply in RACES[name](stack, result, number):
                seen[f"{name} {reply.status}"] += 1
                judge(result, name, reply)
    invariants.judge(result)
    solved = stack.postgres.log().count("deadlock detected") - deadlocks
    result.expect(not solved, f"{solved} deadlocks in the log of PostgreSQL")
    result.text = ", ".join(f"{name}: {number}" for name, number in sorted(seen.items()))
    return result


def judge(result: Result, name: str, reply: Reply) -> None:
    """A success or a refusal; nothing that breaks, and no 503."""
    result.tries += 1
    result.expect(reply.status not in (BROKEN, 500, 503), f"{name}: {reply}")


def gate(stack: Stack, result: Result, number: int) -> list[Reply]:
    """A unit with five overdue courses: one clerk closes one of them while four others register."""
    handler = make_account(make_unit())
    (late, *_), year = overdue_courses(handler, 5), clock.this_year()
    follow(unit_ids=[handler.unit_id], years=[year, year - 1], cause="survive")
    rows = scenes.admitted(late, scenes.people(3, handler.unit))
    cookie = scenes.session_of(handler)
    drafts = [make_course(handler, state=CourseState.DRAFT) for _ in range(4)]
    asks = [
        Ask(reverse("courses:confirm_registration", args=[draft.code]), cookie, fields={}) for draft in drafts
    ]
    return send_all(stack.site.port, [scenes.close_request(late, rows, cookie, handler, "k"), *asks], 5)


def transfer(stack: Stack, result: Result, number: int) -> list[Reply]:
    """The operator moves a course while its handler closes, edits, withdraws it, and people enrol and cancel."""
    unit = make_unit()
    old, new, operator = make_account(unit), make_account(unit), make_operator()
    who = scenes.people(4, unit)
    course, rows = scenes.ended_course(old, who) if number % 2 else _coming(old, who)
    request = transfers.request(by=acting(new), courses=[course], reason="接辦")[0]
    cookie = scenes.session_of(old)
    decide = Ask(
        reverse("courses:transfer_decide"),
        scenes.session_of(operator),
        fields={"transfer": [request.pk], "action": "approve"},
    )
    asks = [
        decide,
        decide,
        scenes.close_request(course, rows, cookie, old, "k"),
        Ask(reverse("courses:withdraw", args=[course.code]), cookie, fields={"reason": "not_held"}),
        Ask(reverse("courses:take_back_transfer", args=[request.pk]), scenes.session_of(new), fields={}),
        *(Ask(reverse("api:cancel", args=[course.code]), one, data={}) for one in scenes.sessions(who[:2])),
        *scenes.enrols(course, scenes.sessions(scenes.people(2, unit))),
    ]
    replies = send_all(stack.site.port, asks, len(asks))
    course.refresh_from_db()
    request.refresh_from_db()
    moved = course.handler_id == new.pk
    result.equal("a transfer is approved if the course moved", request.state == "approved", moved)
    return replies


def _coming(handler: BusinessAccount, who: Sequence[User]) -> tuple[Course, list[Enrolment]]:
    course = make_course(handler, capacity=10)
    return course, scenes.admitted(course, who)


def promotion(stack: Stack, result: Result, number: int) -> list[Reply]:
    """Those with a place cancel while others begin to wait: everybody moves up in order, and no place stays free."""
    course = make_course(capacity=3)
    held, waiting, coming = (scenes.people(3, course.unit) for _ in range(3))
    for person in [*held, *waiting]:
        enrolments.enrol(code=course.code, by=teacher(person))
    leave = [
        Ask(reverse("api:cancel", args=[course.code]), one, data={})
        for one in scenes.sessions([*held, waiting[1]])
    ]
    asks = [
        ask
        for pair in zip(leave, scenes.enrols(course, scenes.sessions(coming)), strict=False)
        for ask in pair
    ]
    replies = send_all(stack.site.port, [*asks, leave[-1]], len(asks) + 1)
    states = Counter(course.enrolments.values_list("state", flat=True))
    result.equal("places taken again", states[EnrolmentState.ADMITTED], 3)
    result.equal("who waits", states[EnrolmentState.WAITLISTED], 2)
    return replies


def importing(stack: Stack, result: Result, number: int) -> list[Reply]:
    """Colleagues are imported by the worker while the people of their unit enrol."""
    course, unit = make_course(capacity=100), make_unit()
    who = scenes.people(30, unit)
    first = 1_000_000 + 100 * number
    lines = [
        f"林新{n},{number_of(first + n)},new{first + n}@survive.example,{unit.code},教師,\n"
        for n in range(30)
    ]
    upload = SimpleUploadedFile("people.csv", (HEAD + "".join(lines)).encode("utf-8-sig"), "text/csv")
    by = acting(make_operator())
    checked: Job = _finished(imports.check("import_people", by=by, upload=upload))
    carried = imports.carry_out(by=by, checked=checked, skip_bad_rows=True)
    replies = send_all(stack.site.port, scenes.enrols(course, scenes.sessions(who)), 15)
    carried = _finished(carried)
    result.equal("the import's end", (carried.state, carried.outcome.get("created")), ("done", len(lines)))
    result.equal("who enrolled", sum(one.status == 201 for one in replies), len(who))
    return replies


def _finished(job: Job) -> Job:
    wait_for(Job.objects.filter(pk=job.pk, state__in=FINISHED).exists, 60)
    return Job.objects.get(pk=job.pk)


RACES: dict[str, Callable[[Stack, Result, int], list[Reply]]] = {
    act.__name__: act for act in (gate, transfer, promotion, importing)
}
