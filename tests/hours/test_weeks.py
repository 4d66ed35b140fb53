"""每週時數: closing warns of people who would have more hours in one week than the policy names."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from courses.models import Course, YearlyPolicy
from hours.queries.weekly_hours import beyond_the_week
from kit import clock
from tests.factories import close, make_account, make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def last_week(weekday: int) -> Any:
    return clock.monday(clock.today()) - timedelta(days=7 - weekday)


def held(weekday: int, hours: str, **fields: Any) -> Course:
    return make_course(day=last_week(weekday), hours=Decimal(hours), **fields)


def test_hours_of_other_courses_of_the_week_count() -> None:
    YearlyPolicy.objects.create(year=115, hours_a_week=10)
    teacher, other = make_user(), make_user()
    for weekday, hours in ((0, "4"), (2, "4")):
        course = held(weekday, hours)
        make_enrolment(course, teacher)
        close(course)
    course = held(4, "3")
    issued = {teacher.pk: Decimal("3"), other.pk: Decimal("3")}
    assert beyond_the_week(course, issued) == {teacher.pk: Decimal("11")}
    assert beyond_the_week(course, {teacher.pk: Decimal("2")}) == {}


def test_hours_of_the_week_before_do_not_count() -> None:
    YearlyPolicy.objects.create(year=115, hours_a_week=6)
    teacher = make_user()
    before = make_course(day=last_week(-1), hours=Decimal("6"))
    make_enrolment(before, teacher)
    close(before)
    assert beyond_the_week(held(0, "6"), {teacher.pk: Decimal("6")}) == {}


def test_a_course_over_several_weeks_is_not_laid_on_its_last_one() -> None:
    YearlyPolicy.objects.create(year=115, hours_a_week=6)
    course = held(4, "20", starts_on=last_week(-7))
    assert beyond_the_week(course, {make_user().pk: Decimal("20")}) == {}


def test_the_closing_page_names_them_before_closing(client: Client) -> None:
    YearlyPolicy.objects.create(year=115, hours_a_week=6)
    handler, teacher = make_account(), make_user("週末老師")
    first = make_course(handler, day=last_week(1), hours=Decimal("6"))
    make_enrolment(first, teacher)
    close(first)
    course = make_course(handler, day=last_week(3), hours=Decimal("3"))
    row = make_enrolment(course, teacher)
    client.force_login(handler.user)
    form = {f"state_{row.pk}": "attended", f"hours_{row.pk}": "3", "request_key": "k", "action": "check"}
    page = client.post(f"/unit/courses/{course.code}/close/", form).content.decode()
    assert "當週研習時數超過年度政策的每週時數" in page and "週末老師：9" in page
