"""未能出席 on PostgreSQL: said while the course is closed, and taken back while it is decided. One wins, the other gets a sentence."""

from datetime import time
from typing import Any

import pytest

from checks import invariants
from courses.actions import planned_absences
from courses.errors import CourseOver
from courses.errors.postponements import NoAbsenceStated
from courses.models import Course, Enrolment, PlannedAbsence
from kit import clock
from tests.concurrency.race import one_then_other
from tests.factories import acting, close, make_course, make_enrolment, teacher

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def unlocked_course(course: Course) -> Course:
    return Course.objects.select_related("handler__user", "co_handler__user", "unit").get(pk=course.pk)


def unlocked_enrolment(course: Course, user_id: int) -> Enrolment | None:
    return course.enrolments.filter(user_id=user_id).select_related("user").first()


def unguard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned_absences, "lock_course", unlocked_course)
    monkeypatch.setattr(planned_absences, "lock_enrolment_of", unlocked_enrolment)


def said_while_closing() -> list[Any]:
    course = make_course(ago=1)
    row = make_enrolment(course)
    assert course.starts_on
    during = clock.at_taipei(course.starts_on, time(14))
    by = teacher(row.user)
    return one_then_other(
        lambda: close(course),
        lambda: planned_absences.state(course=course, by=by, kind="sick", at=during),
        5,
        until_it_waits=True,
    )


def test_an_absence_is_not_stated_in_a_course_that_is_closed_at_the_moment() -> None:
    _closing, stated = said_while_closing()
    assert isinstance(stated, CourseOver) and not PlannedAbsence.objects.exists()


def test_without_the_locks_it_waits_for_ever_in_a_closed_course(monkeypatch: pytest.MonkeyPatch) -> None:
    unguard(monkeypatch)
    _closing, stated = said_while_closing()
    assert isinstance(stated, PlannedAbsence) and invariants.absences_left_open() == 1


def taken_back_while_decided() -> tuple[PlannedAbsence, list[Any]]:
    course = make_course(day=clock.today())
    row = make_enrolment(course)
    planned = PlannedAbsence.objects.create(enrolment=row, kind="official", stated_at=clock.now())
    by, handler = teacher(row.user), acting(course.handler)
    results = one_then_other(
        lambda: planned_absences.decide(planned=planned, by=handler, is_accepted=True),
        lambda: planned_absences.take_back(course=course, by=by),
        5,
        until_it_waits=True,
    )
    planned.refresh_from_db()
    return planned, results


def test_an_absence_that_is_decided_at_the_moment_is_not_taken_back() -> None:
    planned, (_decided, taken) = taken_back_while_decided()
    assert isinstance(taken, NoAbsenceStated) and planned.state == "accepted"


def test_without_the_locks_the_decision_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    unguard(monkeypatch)
    planned, (_decided, taken) = taken_back_while_decided()
    assert isinstance(taken, PlannedAbsence) and planned.state == "taken_back"
