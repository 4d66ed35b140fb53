"""What the closing page does not read is not there: the plain statement, and the page with each of the rarer things."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from courses.enums import EnrolmentState, Participation
from courses.models import Course, CourseHelper, Session
from hours.enums import ReportState, SignWay
from hours.models import Attendance, ClosingDraft, MissedSign
from hours.queries.closing_needs import ClosingNeeds, closing_needs, closing_needs_by_queryset
from kit import clock
from tests.factories import make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def with_draft(course: Course) -> None:
    ClosingDraft.objects.create(
        course=course, saved_by=course.handler.user, version=1, saved_at=clock.now(), marks={}, walk_ins={}
    )


def with_sign(course: Course) -> None:
    person, session = course.enrolments.earliest("pk").user, course.sessions.get()
    sign(session, person)


def sign(session: Session, person: User, **facts: Any) -> None:
    at = session.starts_at
    Attendance.objects.create(
        session=session,
        user=person,
        kind="in",
        way=SignWay.values[0],
        at=at,
        recorded_at=at,
        recorded_by=person,
        **facts,
    )


def with_report(course: Course) -> None:
    MissedSign.objects.create(
        session=course.sessions.get(),
        user=make_user(),
        text="忘記簽到",
        state=ReportState.OPEN,
        raised_at=clock.now(),
    )


def with_helper(course: Course) -> None:
    CourseHelper.objects.create(
        course=course, user=make_user("林講師"), participation=Participation.LECTURER, named_at=clock.now()
    )


def with_undecided(course: Course) -> None:
    make_enrolment(course, make_user("候補人"), state=EnrolmentState.WAITLISTED)


def with_merged(course: Course) -> None:
    first = course.enrolments.earliest("pk").user
    second = make_user(
        merged_into=first, is_active=False, password="!", closed_at=clock.now(), closed_because="merged"
    )
    make_enrolment(course, second)


NOTHING = ClosingNeeds(drafts=False, signs=False, helpers=False, undecided=False, merged=False)
CASES: list[tuple[Callable[[Course], None], str]] = [
    (with_draft, "drafts"),
    (with_sign, "signs"),
    (with_report, "signs"),
    (with_helper, "helpers"),
    (with_undecided, "undecided"),
    (with_merged, "merged"),
]


def make_sheet() -> Course:
    """A course to close of three people; another one has all of the rarer things."""
    course, other = make_course(ago=2), make_course(ago=2)
    for _number in range(3):
        make_enrolment(course)
        make_enrolment(other)
    for add, _name in CASES:
        add(other)
    return course


def test_a_plain_course_needs_nothing() -> None:
    course = make_sheet()

    assert closing_needs(course.pk) == closing_needs_by_queryset(course.pk) == NOTHING


def test_a_sign_that_was_taken_back_is_none() -> None:
    course = make_sheet()
    person, at = course.enrolments.earliest("pk").user, clock.now()
    sign(course.sessions.get(), person, taken_back_at=at, taken_back_by=person)

    assert closing_needs(course.pk) == closing_needs_by_queryset(course.pk) == NOTHING


@pytest.mark.parametrize(("add", "name"), CASES)
def test_each_thing_is_found(add: Callable[[Course], None], name: str) -> None:
    course = make_sheet()
    add(course)

    found = closing_needs(course.pk)
    assert found == closing_needs_by_queryset(course.pk)
    assert [key for key, value in vars(found).items() if value] == [name]


def test_the_page_of_a_plain_course_saves_the_queries(client: Client) -> None:
    course = make_sheet()
    client.force_login(course.handler.user)

    def tables() -> str:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("hours:close", args=[course.code])).status_code == 200
        return " ".join(
            q["sql"]
            for q in asked.captured_queries
            if "EXISTS (SELECT 1 FROM hours_closingdraft" not in q["sql"]
        )

    tables()
    names = ("hours_closingdraft", "hours_attendance", "courses_coursehelper")
    assert not any(name in tables() for name in names)
    for add, _name in CASES:
        add(course)
    assert all(name in tables() for name in names)


def test_the_page_shows_each_thing(client: Client) -> None:
    course = make_sheet()
    for add in (with_helper, with_undecided, with_merged, with_report):
        add(course)
    client.force_login(course.handler.user)

    html = client.get(reverse("hours:close", args=[course.code])).content.decode()
    assert "林講師" in html and "候補人" in html
    assert html.count("data-row") == 3 + 1
