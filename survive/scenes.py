"""What the rows act on: people who are logged in, and courses in every state, made by the factories of the tests."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Affiliation, BusinessAccount, Unit, User
from bench.clients import cookies
from bench.sessions import open_sessions
from checks.invariants import RULES
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment, Session
from kit import clock
from notices.models import Notice
from signin.sessions import BEGAN, SEEN
from survive.clients import Ask
from survive.row import Result
from tests.factories import make_course, make_unit

_serial = count(1)
S = EnrolmentState


def people(number: int, unit: Unit | None = None) -> list[User]:
    """Make people of a unit who have no password: their sessions are opened directly."""
    unit, serial = unit or make_unit(), next(_serial)
    made = User.objects.bulk_create(
        User(email=f"s{serial}-{n}@survive.example", name=f"王老師{serial}號{n}", password="!")
        for n in range(number)
    )
    Affiliation.objects.bulk_create(Affiliation(user=user, unit=unit, title="教師") for user in made)
    return made


def sessions(who: Sequence[User]) -> list[str]:
    """Log these people in; return the cookies of their browsers, in order."""
    now = clock.now().timestamp()
    facts: dict[str, Any] = {BEGAN: now, SEEN: now}
    keys = open_sessions(who, settings.AUTHENTICATION_BACKENDS[0], **facts)
    language = f"{settings.LANGUAGE_COOKIE_NAME}={settings.LANGUAGE_CODE}"
    names = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
    return [f"{cookies(*names, key)}; {language}" for key in keys]


def session_of(account: BusinessAccount) -> str:
    return sessions([account.user])[0]


def enrols(course: Course, cookie_list: Iterable[str]) -> list[Ask]:
    """The API says clearly what became of each: 201, or a refusal with its code."""
    path = reverse("api:enrol", args=[course.code])
    return [Ask(path, cookie, data={}) for cookie in cookie_list]


def admitted(course: Course, who: Sequence[User]) -> list[Enrolment]:
    """Put people on the places of a course by rows, as an import of an earlier system would."""
    now = clock.now()
    rows = Enrolment.objects.bulk_create(
        [
            Enrolment(course=course, user=user, unit_id=course.unit_id, state=S.ADMITTED, enrolled_at=now)
            for user in who
        ],
        batch_size=1000,
    )
    Course.objects.filter(pk=course.pk).update(
        seats_taken=len(rows), capacity=max(course.capacity, len(rows))
    )
    course.refresh_from_db()
    return rows


def ended_course(
    handler: BusinessAccount, who: Sequence[User], **fields: Any
) -> tuple[Course, list[Enrolment]]:
    """A course that ended two days ago and waits for its hours."""
    course = make_course(handler, ago=2, **fields)
    return course, admitted(course, who)


def close_request(
    course: Course, rows: Sequence[Enrolment], cookie: str, account: BusinessAccount, key: str
) -> Ask:
    """The request by which a program of the unit closes a course: everybody present for all hours."""
    marks = [{"enrolment": row.pk, "state": "attended", "hours": str(course.hours)} for row in rows]
    data = {"request_key": key, "marks": marks}
    headers = {"X-Business-Account": account.number}
    return Ask(reverse("api:close", args=[course.code]), cookie, data=data, headers=headers)


def notices_of_hours(course: Course) -> int:
    """Return the number of notices of the hours issued in a course."""
    return Notice.objects.filter(kind="hours_issued", object_ref=f"course:{course.pk}").count()


def running_session(course: Course) -> Session:
    """Let the course's session take place now."""
    now = clock.now()
    course.sessions.update(starts_at=now - timedelta(minutes=20), ends_at=now + timedelta(hours=1))
    day = clock.day_of(now + timedelta(hours=1))
    Course.objects.filter(pk=course.pk).update(
        starts_on=clock.day_of(now - timedelta(minutes=20)), ends_on=day, ends_at=now + timedelta(hours=1)
    )
    return course.sessions.select_related("course").get()


class Invariants:
    """The rules of `check_invariants`, of which a row may break none that held before it."""

    def __init__(self) -> None:
        self.before = self.found()

    @staticmethod
    def found() -> dict[str, int]:
        return {rule: number for rule, count_of in RULES.items() if (number := count_of())}

    def judge(self, result: Result) -> None:
        for rule, number in self.found().items():
            result.expect(number <= self.before.get(rule, 0), f"{number} × broken: {rule}")
