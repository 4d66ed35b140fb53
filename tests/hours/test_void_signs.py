"""All signs of a session are taken back at once; then it can be moved or removed, and people sign again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent, AuditSubject
from courses.actions import registration
from courses.actions.course_fields import SessionData
from courses.errors import NotTheHandler, SessionsAttended, WrongState
from courses.models import Course, Session
from hours.actions import attendance, missed_signs, void_signs
from hours.actions.attendance import HandSign
from hours.errors import NothingSigned, ReasonForAllMissing
from hours.models import Attendance, MissedSign
from kit import clock
from tests.concurrency.acts import as_data
from tests.courses.test_suspensions import announced
from tests.factories import acting, make_account, make_course, make_enrolment, teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Iterator[Session]:
    """A session of today, 13:30–16:30, at 13:40: two people have signed in, and a third reported a missed sign."""
    with time_machine.travel(clock.at_taipei(clock.today()) + timedelta(hours=13, minutes=40), tick=False):
        course = make_course(day=clock.today())
        [made] = course.sessions.select_related("course")
        people = [make_enrolment(course) for _ in range(3)]
        signs = [HandSign(row.user_id, "in") for row in people[:2]]
        attendance.sign_by_hand(session=made, by=acting(course.handler), signs=signs)
        missed_signs.report(session=made, by=teacher(people[2].user), text="沒電")
        yield made


def all_back(session: Session, reason: str = "火警") -> int:
    return void_signs.take_all_back(session=session, by=acting(session.course.handler), reason=reason)


def saved(course: Course, sessions: list[SessionData]) -> list[int]:
    """Save a course with these sessions; return the keys of its sessions."""
    data = replace(as_data(Course.objects.get(pk=course.pk)), sessions=sessions)
    registration.update(course=course, by=acting(course.handler), data=data)
    return list(course.sessions.order_by("starts_at").values_list("pk", flat=True))


def test_all_signs_go_at_once_and_stay_as_evidence(session: Session) -> None:
    assert all_back(session) == 2
    assert not Attendance.objects.valid().exists() and Attendance.objects.count() == 2
    assert MissedSign.objects.get().state == "declined"
    event = AuditEvent.objects.get(action="attendance.take_all_back")
    assert (event.reason, event.before["signs"], event.before["reports"]) == ("火警", 2, 1)
    assert AuditSubject.objects.filter(event=event).count() == 3
    with pytest.raises(NothingSigned):
        all_back(session)


def test_everybody_may_sign_again(session: Session) -> None:
    person = Attendance.objects.order_by("pk")[0].user
    all_back(session)
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
        assert attendance.sign(session=session, kind="in", by=teacher(person), at=clock.now())
    assert Attendance.objects.valid().count() == 1


def test_who_may_and_when(session: Session) -> None:
    course = session.course
    with pytest.raises(ReasonForAllMissing):
        all_back(session, "  ")
    with pytest.raises(NotTheHandler):
        void_signs.take_all_back(session=session, by=acting(make_account(course.unit)), reason="火警")
    Course.objects.filter(pk=course.pk).update(state="draft", registered_at=None)
    with pytest.raises(WrongState):
        all_back(session)
    assert Attendance.objects.valid().count() == 2


def test_a_postponed_session_is_moved_once_its_signs_are_taken_back(session: Session) -> None:
    announced(day=clock.today())
    later = SessionData(session.starts_at + timedelta(days=7), session.ends_at + timedelta(days=7))
    with pytest.raises(SessionsAttended):
        saved(session.course, [later])
    all_back(session)
    assert saved(session.course, [later]) == [session.pk] and Attendance.objects.count() == 2


def test_a_session_is_removed_with_what_was_taken_back(session: Session) -> None:
    course, next_week = session.course, session.starts_at + timedelta(days=7)
    other = SessionData(next_week, next_week + timedelta(hours=3))
    both = saved(course, [SessionData(session.starts_at, session.ends_at), other])
    with pytest.raises(SessionsAttended):
        saved(course, [other])
    all_back(session)
    assert saved(course, [other]) == both[1:]
    assert not Attendance.objects.exists() and not MissedSign.objects.exists()
    event = AuditEvent.objects.get(action="attendance.remove")
    assert (event.before["signs"], event.before["reports"], event.actor_id) == (2, 1, course.handler.user_id)
    assert AuditSubject.objects.filter(event=event).count() == 3


def test_a_report_that_waits_keeps_its_session(session: Session) -> None:
    for sign in Attendance.objects.all():
        attendance.take_back(sign=sign, by=acting(session.course.handler))
    next_week = session.starts_at + timedelta(days=7)
    with pytest.raises(SessionsAttended):
        saved(session.course, [SessionData(next_week, next_week + timedelta(hours=3))])


def test_the_page_takes_back_what_it_showed(session: Session, client: Client) -> None:
    client.force_login(session.course.handler.user)
    url = reverse("hours:attendance", args=[session.course.code])
    assert 'name="take_all_back"' in client.get(url).content.decode()
    for wrong in ({"take_all_back": "2"}, {"take_all_back": "1", "confirmed": "yes"}):
        page = client.post(url, {"reason": "火警"} | wrong, follow=True)
        assert "目前有 2 筆" in page.content.decode() and Attendance.objects.valid().count() == 2
    page = client.post(url, {"reason": "火警", "take_all_back": "2", "confirmed": "yes"}, follow=True)
    assert (
        "已取消 2 筆簽到退" in page.content.decode() and 'name="take_all_back"' not in page.content.decode()
    )
