"""Enrolling on the spot while the course is closed: who comes first decides, and nobody keeps a place in a closed course without an outcome."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from courses.actions import same_day_enrolment
from courses.enums import EnrolmentState
from courses.errors import EnrolmentClosed
from courses.models import Course, Enrolment, Session
from hours.actions import attendance, on_the_spot, open_sessions
from hours.errors import ListChanged
from hours.models import Closing
from kit import clock
from tests.concurrency.race import Act, one_then_other
from tests.factories import close, make_course, make_enrolment, make_user, teacher

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def last_minute() -> tuple[Course, Act, Act]:
    """A course that ended ten minutes ago, whose sign-in is still open: its closing, and a person who takes a place on the spot."""
    now, course, person = clock.now(), make_course(), make_user()
    over = now - timedelta(minutes=10)
    Course.objects.filter(pk=course.pk).update(starts_on=clock.today(), ends_on=clock.today(), ends_at=over)
    course.sessions.update(starts_at=now - timedelta(hours=2), ends_at=over)
    make_enrolment(course)
    session = Session.objects.select_related("course").get(course=course)
    attendance.sign(session=session, kind="in", by=teacher(person), at=now)
    course.refresh_from_db()
    return course, lambda: close(course), lambda: on_the_spot.join(session=session, by=teacher(person))


def without_outcome(course: Course) -> int:
    return course.enrolments.filter(state=EnrolmentState.ADMITTED).count()


def test_who_comes_while_the_course_is_closed_gets_no_place() -> None:
    course, closing, joining = last_minute()
    closed, refused = one_then_other(closing, joining, 10, until_it_waits=True)
    assert isinstance(closed, Closing) and isinstance(refused, EnrolmentClosed)
    assert without_outcome(course) == 0


def test_who_comes_first_is_missed_by_the_sheet_and_the_closing_is_refused() -> None:
    course, closing, joining = last_minute()
    row, refused = one_then_other(joining, closing, 10, until_it_waits=True)
    assert isinstance(row, Enrolment) and isinstance(refused, ListChanged), refused
    course.refresh_from_db()
    assert course.state == "registered" and without_outcome(course) == 2


def test_twin_without_the_lock_a_person_is_admitted_to_a_closed_course(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlocked(course: Any) -> Course:
        return Course.objects.get(pk=course.pk)

    def claimed(course_id: int, _found: object) -> bool:
        return bool(Course.objects.filter(pk=course_id).update(seats_taken=F("seats_taken") + 1))

    monkeypatch.setattr(same_day_enrolment, "lock_course", unlocked)
    # The claim of a place looks at the state of the course as well.
    monkeypatch.setattr(same_day_enrolment.quota_seats, "claim", claimed)
    monkeypatch.setattr(open_sessions, "require_registered", lambda _course: None)
    course, closing, joining = last_minute()
    closed, row = one_then_other(closing, joining, 10, until_it_waits=True)
    assert isinstance(closed, Closing) and isinstance(row, Enrolment), (closed, row)
    assert without_outcome(course) == 1
