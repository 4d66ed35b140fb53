"""The rows of the unit's list, which share the HTML of their shape, are those that the template alone would give."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from courses.enums import CourseState, Phase
from courses.models import Course
from courses.presenters.course_rows import course_rows
from courses.presenters.unit_list import DAYS, TEMPLATE, days_of, list_rows, shape_of, texts_of
from kit import clock
from tests.factories import acting, make_account, make_course

pytestmark = pytest.mark.django_db


def make_list() -> list[Any]:
    """Courses of a handler in each phase, of one day and of several, notified and not, with a handler who has left."""
    handler, today = make_account(), clock.today()
    made = [
        make_course(handler, ago=2, title='<b>環境</b> & "教育"'),
        make_course(handler, ago=31),
        make_course(handler, ago=90, notified_at=clock.now(), notified_by="O'Brien <lead>"),
        make_course(handler, day=today + timedelta(days=9), ends_on=today + timedelta(days=10)),
        make_course(handler, state=CourseState.DRAFT),
        make_course(handler, state=CourseState.CLOSED, closed_at=clock.now()),
        make_course(make_account(unit=handler.unit, ended_at=clock.now()), ago=3),
    ]
    for number, course in enumerate(made):
        course.people = number  # type: ignore[attr-defined]
    return course_rows(made, acting(handler))


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_is_printed_as_its_template_alone_gives_it(language: str) -> None:
    with override(language):
        rows = make_list()
        for row in [*rows, *rows]:
            due, texts = {"due_on": "115年3月31日"}, texts_of(row)
            assert DAYS.print(days_of(row), due) == DAYS.render(days_of(row), due)
            assert TEMPLATE.print(shape_of(row), texts) == TEMPLATE.render(shape_of(row), texts)


def test_each_course_has_its_own_texts() -> None:
    rows = make_list()
    html = list_rows(rows)

    assert "<b>環境</b>" not in html and "O&#x27;Brien &lt;lead&gt;" in html
    assert all(reverse("courses:detail", args=[row.course.code]) in html for row in rows)
    assert {shape_of(row).phase for row in rows} >= {
        Phase.HOURS_DUE,
        Phase.OVERDUE,
        Phase.DRAFT,
        Phase.CLOSED,
    }


def test_the_list_reads_the_sessions_of_courses_that_begin_today_alone(client: Client) -> None:
    handler = make_account()
    for day in (0, 5, 6):
        make_course(handler, day=clock.today() + timedelta(days=day))
    client.force_login(handler.user)

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("courses:unit_courses"))

    [sessions] = [q["sql"] for q in asked.captured_queries if 'FROM "courses_session"' in q["sql"]]
    today = Course.objects.get(starts_on=clock.today())
    assert f"IN ({today.pk})" in sessions
