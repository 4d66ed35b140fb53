"""The action checks what a page's form checks: no rule depends on the page."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.actions import appointments
from accounts.errors import EndsBeforeStart
from accounts.models import BusinessAccount
from courses.actions import course_fields, registration
from courses.enums import CourseState
from courses.enums import EnrolmentState as S
from courses.errors import NotAnOutcome, OutOfBounds, SessionBackwards, WindowBackwards
from courses.models import Course
from hours.actions.closing import close_course
from hours.models import Closing, HourCredit, Mark, Sheet
from kit import clock
from tests.concurrency.acts import as_data
from tests.factories import acting, make_course, make_enrolment, make_operator, make_unit, make_user

pytestmark = pytest.mark.django_db
BAD: list[dict[str, Any]] = [
    {"capacity": 0},
    {"capacity": 5001},
    {"hours": Decimal("0")},
    {"hours": Decimal("201")},
    {"fee": 100_001},
    {"title": "長" * 121},
    {"contact_mail": "no mailbox"},
    {"meeting_link": "javascript:alert(1)"},
    {"mode": "by_letter"},
    {"admission": "by_lot"},
]


@pytest.mark.parametrize("fields", BAD, ids=lambda fields: str(fields)[:40])
def test_a_course_is_not_saved_with_a_value_out_of_bounds(fields: dict[str, Any]) -> None:
    course = make_course()
    by, [name] = acting(course.handler), fields
    with pytest.raises(OutOfBounds) as refused:
        registration.save_draft(by=by, data=as_data(course, **fields))
    assert refused.value.field == name
    with pytest.raises(OutOfBounds):
        registration.update(course=course, by=by, data=as_data(course, **fields))
    assert Course.objects.count() == 1


def test_enrolment_does_not_close_before_it_opens() -> None:
    course, today = make_course(), clock.today()
    data = as_data(course, enrol_from=today + timedelta(days=3), enrol_until=today + timedelta(days=2))
    with pytest.raises(WindowBackwards):
        registration.update(course=course, by=acting(course.handler), data=data)


def test_a_session_does_not_end_before_it_starts() -> None:
    course = make_course()
    [session] = as_data(course).sessions
    turned = course_fields.SessionData(session.ends_at, session.starts_at)
    data = replace(as_data(course), sessions=[turned])
    with pytest.raises(SessionBackwards):
        registration.save_draft(by=acting(course.handler), data=data)


@pytest.mark.parametrize("state", [S.ADMITTED, S.CANCELLED, S.DECLINED, S.WAITLISTED])
def test_a_course_is_closed_with_outcomes_only(state: S) -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    with pytest.raises(NotAnOutcome):
        close_course(course=course, by=acting(course.handler), sheet=Sheet("k", {row.pk: Mark(state)}))
    course.refresh_from_db()
    assert course.state == CourseState.REGISTERED
    assert not Closing.objects.exists() and not HourCredit.objects.exists()


def test_no_account_is_given_that_is_already_over() -> None:
    person, unit, by = make_user(), make_unit(), acting(make_operator())
    past = clock.today() - timedelta(days=1)
    with pytest.raises(EndsBeforeStart):
        appointments.appoint(
            user=person,
            unit=unit,
            role="handler",
            by=by,
            valid_from=past - timedelta(days=9),
            valid_until=past,
        )
    assert not BusinessAccount.objects.filter(user=person).exists()
