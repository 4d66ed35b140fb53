"""The timeline of a course: the record keeps each action, the page shows a pass through the form once."""

from datetime import timedelta

import pytest
import time_machine

from audit import log
from audit.models import AuditEvent
from courses.models import Course
from courses.queries.timeline import timeline
from kit import clock
from tests.factories import acting, make_account, make_course

pytestmark = pytest.mark.django_db


def change(course: Course, times: int = 1, **fields: object) -> None:
    for _i in range(times):
        log.record("course.update", course, by=acting(course.handler), **fields)  # type: ignore[arg-type]


def said(course: Course) -> list[str]:
    return [row.action for row in timeline(course)]


def test_the_steps_of_one_pass_through_a_draft_are_shown_once() -> None:
    course = make_course(state="draft")
    log.record("course.draft", course, by=acting(course.handler))
    change(course, 5)
    assert said(course) == ["course.update", "course.draft"]
    assert AuditEvent.objects.filter(object_type="courses.course", action="course.update").count() == 5


def test_another_person_and_another_day_are_shown_by_themselves() -> None:
    course = make_course(state="draft")
    change(course, 2)
    log.record("course.update", course, by=acting(make_account(course.unit)))
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        log.record("course.update", course, by=acting(make_account(course.unit)))
    assert len(said(course)) == 3


def test_each_change_of_a_registered_course_is_shown() -> None:
    course = make_course()
    change(course, 3)
    assert len(said(course)) == 3
