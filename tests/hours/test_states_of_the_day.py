"""Every act on the day of a course × the state of its course and session: which are refused, and that a refusal writes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.actions.guests import GuestFacts
from courses.actions import withdrawal
from courses.enums import CourseState
from courses.errors import EnrolmentClosed, WrongState
from courses.errors.postponements import CoursePostponed
from courses.models import Course, Enrolment, Session
from hours.actions import attendance, missed_signs, on_the_spot
from hours.actions.attendance import HandSign
from hours.errors import AlreadyClosed, SessionPostponed, SessionRemoved
from hours.models import Attendance, MissedSign
from hours.queries.own_attendance import open_sessions, sessions_with_gaps
from hours.queries.sign_codes import number_of, own_code_of, screen_token
from kit import clock
from kit.errors import Refusal
from tests.courses.test_suspensions import announced
from tests.factories import acting, close, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
TAIPEI = ZoneInfo("Asia/Taipei")


@dataclass
class Day:
    """A session of 13:30–16:30, at 16:40: `mine` has not signed, `signed` has, `stranger` signed without being on the list."""

    session: Session
    mine: Enrolment
    signed: Attendance
    stranger: Attendance
    report: MissedSign

    @property
    def course(self) -> Course:
        return self.session.course

    @property
    def handler(self) -> Any:
        return acting(self.course.handler)


def go(text: str) -> time_machine.travel:
    return time_machine.travel(datetime.combine(clock.today(), time.fromisoformat(text), TAIPEI), tick=False)


def put(session: Session, person: Any, kind: str) -> Attendance:
    facts = {"at": session.starts_at, "recorded_at": session.starts_at, "recorded_by": person, "way": "hand"}
    return Attendance.objects.create(session=session, user=person, kind=kind, **facts)


def arranged(state: str) -> Day:
    with go("13:00"):
        course = make_course(day=clock.today(), capacity=9)
        [session] = course.sessions.select_related("course")
        mine, other, stranger = make_enrolment(course), make_enrolment(course), make_user("路人")
        signed, came = put(session, other.user, "in"), put(session, stranger, "in")
        report = MissedSign.objects.create(
            session=session, user=other.user, text="沒電", raised_at=clock.now()
        )
        if state == "another postponed":
            evening = clock.at_taipei(clock.today(), time(19))
            Session.objects.create(course=course, starts_at=evening, ends_at=evening + timedelta(hours=2))
            announced(day=clock.today(), from_time=time(18), until_time=time(22))
        if state == "postponed":
            announced(day=clock.today())
        if state == "withdrawn":
            withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
        if state == "draft":
            Course.objects.filter(pk=course.pk).update(state=CourseState.DRAFT, registered_at=None)
    if state == "closed":
        with go("16:35"):
            close(course)
    return Day(Session.objects.select_related("course").get(pk=session.pk), mine, signed, came, report)


@pytest.fixture(autouse=True)
def _after_the_session() -> Iterator[None]:
    cache.clear()
    with go("16:40"):
        yield


def _scan(day: Day) -> object:
    return attendance.sign(session=day.session, kind="in", by=teacher(day.mine.user), at=clock.now())


def _number(day: Day) -> object:
    number = number_of(day.session.pk, "out", clock.now())
    return attendance.sign_by_number(session=day.session, by=teacher(day.mine.user), number=number)


def _join(day: Day) -> object:
    return on_the_spot.join(session=day.session, by=teacher(day.stranger.user))


def _hand(day: Day) -> object:
    signs = [HandSign(day.mine.user_id, "in")]
    return attendance.sign_by_hand(session=day.session, by=day.handler, signs=signs)


def _own_code(day: Day) -> object:
    code = own_code_of(day.mine.user_id, day.session.pk, clock.now())
    return attendance.sign_by_own_code(session=day.session, by=day.handler, code=code, kind="in")


def _guest(day: Day) -> object:
    with go("16:20"):
        return on_the_spot.enter_guest(
            session=day.session, facts=GuestFacts("外來客", "某公司"), by=day.handler
        )


def _take_back(day: Day) -> object:
    return attendance.take_back(sign=day.signed, by=day.handler)


def _report(day: Day) -> object:
    return missed_signs.report(session=day.session, by=teacher(day.mine.user), text="沒電")


def _accept(day: Day) -> object:
    return missed_signs.decide(report=day.report, by=day.handler, accept=True)


def _decline(day: Day) -> object:
    return missed_signs.decide(report=day.report, by=day.handler, accept=False)


def _close(day: Day) -> object:
    return close(day.course, key="another")


# What each act raises in: a registered course, one of which another session is postponed, a postponed session, a withdrawn course, a
# closed course, a draft.
STATES = ("registered", "another postponed", "postponed", "withdrawn", "closed", "draft")
ACTS: dict[Callable[[Day], object], tuple[type[Refusal] | None, ...]] = {
    _scan: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _number: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _join: (None, EnrolmentClosed, EnrolmentClosed, EnrolmentClosed, EnrolmentClosed, EnrolmentClosed),
    _hand: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _own_code: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _guest: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _take_back: (None, None, None, WrongState, WrongState, WrongState),
    _report: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _accept: (None, None, SessionPostponed, WrongState, WrongState, WrongState),
    _decline: (None, None, None, WrongState, WrongState, WrongState),
    _close: (None, CoursePostponed, CoursePostponed, WrongState, AlreadyClosed, WrongState),
}
CELLS = [
    (act, state, *cell) for act, row in ACTS.items() for state, cell in zip(STATES, zip(row), strict=True)
]


@pytest.mark.parametrize(
    ("act", "state", "refused"), CELLS, ids=[f"{act.__name__[1:]}-{state}" for act, state, _ in CELLS]
)
def test_each_act_of_the_day_in_each_state(
    act: Callable[[Day], object], state: str, refused: type[Refusal] | None
) -> None:
    day = arranged(state)
    before = rows_of(day)
    if refused is None:
        act(day)
        assert rows_of(day) != before
        return
    with pytest.raises(refused):
        act(day)
    assert rows_of(day) == before


def rows_of(day: Day) -> list[object]:
    return [
        list(Attendance.objects.order_by("pk").values_list("pk", "taken_back_at")),
        list(MissedSign.objects.order_by("pk").values_list("pk", "state")),
        list(Enrolment.objects.order_by("pk").values_list("pk", "state")),
        Course.objects.get(pk=day.course.pk).state,
    ]


# What a teacher's page offers (the session, the missing sign), and the organiser's pages: the list, what it fetches anew, the screen.
@pytest.mark.parametrize(
    ("state", "is_mine", "list_", "enters", "takes_back", "news", "shows_code"),
    [
        ("registered", True, 200, True, True, 200, True),
        ("another postponed", True, 200, True, True, 200, True),
        ("postponed", False, 200, False, True, 200, False),
        ("withdrawn", False, 302, False, False, 204, False),
        ("closed", False, 200, False, False, 200, False),
        ("draft", False, 302, False, False, 204, False),
    ],
)
def test_what_the_pages_offer_in_each_state(
    client: Client, state: str, is_mine: bool, list_: int, enters: bool, takes_back: bool, news: int, shows_code: bool
) -> None:  # fmt: skip
    day = arranged(state)
    person = day.mine.user_id
    assert [own.session for own in open_sessions(person, clock.now())] == [day.session] * is_mine
    assert sessions_with_gaps(person, clock.now()) == [day.session] * is_mine
    client.force_login(day.course.handler.user)
    wanted = {"session": day.session.pk}
    page = client.get(reverse("hours:attendance", args=[day.course.code]), wanted)
    text = page.content.decode() if page.status_code == 200 else ""
    assert (page.status_code, 'name="sign"' in text, 'name="take_back"' in text) == (
        list_,
        enters,
        takes_back,
    )
    assert ("這個場次已延期" in text) == (state == "postponed")
    fetched = client.get(
        reverse("hours:attendance_news", args=[day.course.code]), wanted, headers={"HX-Request": "true"}
    )
    assert fetched.status_code == news
    screen = reverse("hours:screen", args=[screen_token(day.session.pk, day.course.handler_id, clock.now())])
    assert ("projector-picture" in Client().get(screen).content.decode()) == shows_code


def test_nobody_signed_on_the_spot_enrols_after_the_time_for_signing() -> None:
    day = arranged("registered")
    with go("17:30"), pytest.raises(Refusal):
        _join(day)
    assert _join(day)


def test_a_session_that_was_removed_meanwhile_is_refused_by_a_sentence() -> None:
    day = arranged("registered")
    day.session.attendance.all().delete()
    MissedSign.objects.all().delete()
    Session.objects.filter(pk=day.session.pk).delete()
    with pytest.raises(SessionRemoved):
        _scan(day)
    with pytest.raises(SessionRemoved):
        _hand(day)
