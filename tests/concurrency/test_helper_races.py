"""Being named as a lecturer and enrolling at the same moment: a person becomes one of the two (docs/adr/0042)."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from checks.invariants import helpers_who_are_enrolled
from courses.actions import enrolments, helpers
from courses.errors.participants import HelperEnrolled, NamedAsHelper
from courses.models import Course, CourseHelper, Enrolment
from tests.concurrency.race import one_then_other
from tests.factories import acting, make_course, make_enrolment, make_user, teacher

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def free() -> Course:
    return make_course()


def reviewed() -> Course:
    return make_course(admission="review")


def full() -> Course:
    course = make_course(capacity=1)
    make_enrolment(course)
    return course


WAYS: list[Callable[[], Course]] = [free, reviewed, full]


def acts(course: Course, person: User) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Naming the person, and the person's enrolment."""
    by, mine = acting(course.handler), teacher(person)
    return (
        lambda: helpers.name(course=course, by=by, people=[person.pk], part="lecturer"),
        lambda: enrolments.enrol(code=course.code, by=mine),
    )


@pytest.mark.parametrize("way", WAYS)
def test_who_is_named_while_enrolling_does_not_get_a_place(way: Callable[[], Course]) -> None:
    course, person = way(), make_user()
    naming, enrolling = acts(course, person)
    named, refused = one_then_other(naming, enrolling, 8, until_it_waits=True)
    assert [row.user_id for row in named] == [person.pk] and isinstance(refused, NamedAsHelper)
    assert not Enrolment.objects.filter(user=person).exists() and helpers_who_are_enrolled() == 0
    taken = course.seats_taken
    course.refresh_from_db()
    assert course.seats_taken == taken, "the place that was claimed is given back"


@pytest.mark.parametrize("way", WAYS)
def test_who_enrols_while_being_named_is_not_named(way: Callable[[], Course]) -> None:
    course, person = way(), make_user()
    naming, enrolling = acts(course, person)
    row, refused = one_then_other(enrolling, naming, 8, until_it_waits=True)
    assert isinstance(row, Enrolment) and isinstance(refused, HelperEnrolled)
    assert not CourseHelper.objects.exists()


@pytest.mark.parametrize("way", WAYS)
def test_twin_without_the_look_under_the_lock_the_person_is_both(
    way: Callable[[], Course], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolments, "refuse_helper", lambda *_: None)
    course, person = way(), make_user()
    naming, enrolling = acts(course, person)
    named, row = one_then_other(naming, enrolling, 8, until_it_waits=True)
    assert named and isinstance(row, Enrolment) and helpers_who_are_enrolled() == 1
