"""A policy change does not undo what was announced under the earlier one: hours, closing deadlines, cancelling."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from courses.actions import course_fields, policies, registration
from courses.enums import EnrolmentState as S
from courses.models import Course, YearlyPolicy
from courses.queries.hour_steps import hour_step
from courses.queries.lights import rest_is_due
from courses.queries.windows import last_day_to_cancel
from hours.actions.corrections import correct
from hours.enums import CreditKind
from hours.errors import BadHours
from hours.models import HourCredit
from kit import clock
from tests.courses.test_light_years import data_of
from tests.factories import acting, close, make_course, make_enrolment, make_officer, make_operator

pytestmark = pytest.mark.django_db


def change(year: int = 115, **values: Any) -> None:
    policies.change(
        year=year,
        by=acting(make_operator()),
        values=values,
        reason="測試",
        version=YearlyPolicy.objects.in_force(year).version,
    )


def half_hours(**fields: Any) -> Course:
    """A course of 2.5 hours; afterwards the step of hours becomes a whole hour."""
    course = make_course(hours=Decimal("2.5"), **fields)
    change(hour_step=Decimal("1.0"))
    return course


def edit(course: Course, **fields: Any) -> Course:
    data = data_of(course, course.starts_on or clock.today())
    changed = course_fields.CourseData(
        fields={**data.fields, **fields},
        sessions=data.sessions,
        instructors=data.instructors,
        stages=data.stages,
    )
    return registration.update(course=course, by=acting(course.handler), data=changed)


def test_a_registered_course_is_closed_with_the_hours_it_announced() -> None:
    course = half_hours(ago=2)
    make_enrolment(course)
    assert close(course).hours_total == Decimal("2.5")


def test_hours_are_corrected_in_the_steps_that_were_announced() -> None:
    course = half_hours(ago=2)
    row = make_enrolment(course)
    close(course)
    correct(enrolment=row, by=acting(course.handler), state=S.ATTENDED, hours=Decimal("1.5"), reason="早退")
    assert HourCredit.objects.filter(kind=CreditKind.CORRECTED).get().hours == Decimal("-1.0")


def test_a_registered_course_is_edited_without_touching_its_hours() -> None:
    course = half_hours()
    assert edit(course, title="新的名稱").hours == Decimal("2.5")


def test_new_hours_of_a_registered_course_go_in_the_steps_it_was_registered_under() -> None:
    course = half_hours()
    assert edit(course, hours=Decimal("3.5")).hours == Decimal("3.5")
    with pytest.raises(course_fields.BadHours):
        edit(course, hours=Decimal("3.3"))


def test_a_course_of_half_hours_is_copied_and_the_copy_registered_with_hours_that_fit(client: Client) -> None:
    course = half_hours(ago=2)
    client.force_login(course.handler.user)
    response = client.post(f"/unit/courses/{course.code}/copy/")
    assert response.status_code == 302 and client.get(response["Location"]).status_code == 200
    draft = Course.objects.get(state="draft")
    draft = registration.update(
        course=draft,
        by=acting(course.handler),
        data=data_of(draft, clock.today() + timedelta(days=9)),
    )
    with pytest.raises(course_fields.BadHours):
        registration.register(course=draft, by=acting(course.handler))
    draft = edit(draft, hours=Decimal("3"))
    assert registration.register(course=draft, by=acting(course.handler)).state == "registered"


def test_a_course_moved_into_a_year_of_larger_steps_keeps_its_hours() -> None:
    YearlyPolicy.objects.create(year=116, hour_step=Decimal("1.0"))
    course = make_course(hours=Decimal("2.5"))
    row = make_enrolment(course)
    day = clock.at_taipei(clock.today()).replace(year=2027, month=1, day=5).date()
    data = data_of(course, day)
    moved = registration.update(course=course, by=acting(course.handler), data=data)
    assert (moved.year, moved.hours, hour_step(moved)) == (116, Decimal("2.5"), Decimal("1.0"))
    assert row.pk


def test_new_drafts_go_in_the_new_steps() -> None:
    change(hour_step=Decimal("1.0"))
    course = make_course(state="draft", day=clock.today() + timedelta(days=9))
    with pytest.raises(course_fields.BadHours):
        edit(course, hours=Decimal("2.5"))


def test_a_person_gets_whole_steps_or_all_of_the_courses_hours() -> None:
    YearlyPolicy.objects.create(year=115, hour_step=Decimal("1.0"))
    course = make_course(ago=2, hours=Decimal("2.5"))
    row = make_enrolment(course)
    close(course)
    with pytest.raises(BadHours):
        correct(
            enrolment=row, by=acting(course.handler), state=S.ATTENDED, hours=Decimal("1.5"), reason="早退"
        )


def test_a_registered_course_keeps_the_later_last_day_to_cancel_that_it_announced() -> None:
    course = make_course(day=clock.today() + timedelta(days=9))
    change(cancel_days_before=5)
    assert last_day_to_cancel(course) == clock.today() + timedelta(days=8)
    later = make_course(day=clock.today() + timedelta(days=9), registered_at=clock.now())
    assert last_day_to_cancel(later) == clock.today() + timedelta(days=4)


def test_a_later_last_day_to_cancel_reaches_every_course() -> None:
    YearlyPolicy.objects.create(year=115, version=1, cancel_days_before=5)
    course = make_course(day=clock.today() + timedelta(days=9))
    change(cancel_days_before=2)
    assert last_day_to_cancel(course) == clock.today() + timedelta(days=7)


def test_a_final_deadline_is_not_brought_forward_once_the_year_is_over(client: Client) -> None:
    with time_machine.travel(clock.at_taipei(date(2027, 2, 1))):
        change(final_deadline=date(2027, 2, 15))
    assert YearlyPolicy.objects.in_force(115).announced_last_day == date(2027, 3, 31)
    with time_machine.travel(clock.at_taipei(date(2027, 3, 1))):
        assert rest_is_due(116, clock.today())
        client.force_login(make_officer().user)
        assert "116年3月31日" in client.get("/county/year-end/").content.decode()
