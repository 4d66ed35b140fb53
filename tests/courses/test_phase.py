"""The badge of a course shows its phase; a course that has not been held is never "unclosed"."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from courses.actions import withdrawal
from courses.enums import CourseState, Phase
from courses.models import Course
from courses.queries.phase import phase_of
from kit import clock
from tests.factories import acting, close, make_account, make_course

pytestmark = pytest.mark.django_db


def test_a_course_goes_through_its_phases() -> None:
    course = make_course(make_account(), day=clock.today() + timedelta(days=10))
    first = course.sessions.get()
    assert phase_of(course) == Phase.ENROLLING
    course.enrol_until = clock.today() - timedelta(days=1)
    assert phase_of(course) == Phase.NOT_BEGUN
    assert phase_of(course, first.starts_at - timedelta(minutes=1)) == Phase.NOT_BEGUN
    assert phase_of(course, first.starts_at) == Phase.RUNNING
    assert phase_of(course, first.ends_at) == Phase.HOURS_DUE
    assert phase_of(course, first.ends_at + timedelta(days=30)) == Phase.HOURS_DUE
    assert phase_of(course, first.ends_at + timedelta(days=31)) == Phase.OVERDUE


@pytest.mark.parametrize("ago", [29, 30, 31, 32, 40])
def test_overdue_is_the_rule_of_the_light(ago: int) -> None:
    course = make_course(make_account(), ago=ago)
    is_overdue = Course.objects.overdue().filter(pk=course.pk).exists()
    assert (phase_of(course) == Phase.OVERDUE) == is_overdue


def test_what_is_over_keeps_the_word_of_its_state() -> None:
    course = make_course(make_account(), ago=5)
    close(course)
    course.refresh_from_db()
    assert phase_of(course) == Phase.CLOSED
    for state in (CourseState.DRAFT, CourseState.WITHDRAWN):
        assert phase_of(Course(state=state)) == state


def test_a_course_of_next_week_is_not_called_unclosed() -> None:
    course = make_course(make_account(), day=clock.today() + timedelta(days=7))
    client = Client()
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:detail", args=[course.code])).content.decode()
    assert "報名中" in page and "尚未結案" not in page


def test_the_record_of_a_withdrawal_is_read_in_words() -> None:
    course = make_course(make_account())
    withdrawal.withdraw(
        course=course, by=acting(course.handler), reason="registered_twice", text="與縣府重複"
    )
    client = Client()
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:detail", args=[course.code])).content.decode()
    assert "重複登課 與縣府重複" in page and "registered_twice" not in page
