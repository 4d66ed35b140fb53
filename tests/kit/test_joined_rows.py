"""Statements that are written out and return models with those they refer to."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import DateTimeField

from courses.models import Course, Session
from kit.joined_rows import JoinedRows
from tests.factories import make_account, make_course

pytestmark = pytest.mark.django_db
JOINED = """
SELECT {columns}, course.ends_at AS over_at
FROM courses_session AS session
JOIN courses_course AS course ON course.id = session.course_id
JOIN accounts_unit AS course__unit ON course__unit.id = course.unit_id
LEFT JOIN accounts_businessaccount AS course__co_handler ON course__co_handler.id = course.co_handler_id
WHERE session.starts_at >= %(since)s ORDER BY session.id
"""
PATHS = ("course", "course__unit", "course__co_handler")


def sessions(**options: Any) -> JoinedRows[Session]:
    return JoinedRows(Session, PATHS, JOINED, **options)


def make_sessions() -> Course:
    course = make_course(ago=-3)
    (first,) = course.sessions.all()
    day = timedelta(days=1)
    course.sessions.create(starts_at=first.starts_at + day, ends_at=first.ends_at + day)
    return course


def test_an_object_to_which_several_rows_refer_is_one_object(django_assert_num_queries: Any) -> None:
    course = make_sessions()
    since = min(row.starts_at for row in course.sessions.all())
    with django_assert_num_queries(1):
        first, second = sessions().all(since=since)
        assert first.course is second.course and first.course == course
        assert first.course.unit == course.unit and first.course.co_handler is None


def test_only_the_moments_that_are_asked_for_are_read() -> None:
    course = make_sessions()
    (first, second) = course.sessions.all()
    assert [row.pk for row in sessions().all(since=second.starts_at)] == [second.pk]
    assert sessions().all(since=second.starts_at + timedelta(microseconds=1)) == []


def test_a_further_column_is_read_by_its_field() -> None:
    course = make_sessions()
    found: Any = sessions(more={"over_at": DateTimeField()}).get(since=course.sessions.all()[0].starts_at)
    assert found.over_at == course.ends_at


def test_what_is_left_out_is_read_when_it_is_needed(django_assert_num_queries: Any) -> None:
    course = make_sessions()
    for options in ({"only": ("starts_at", "course__title")}, {"defer": ("place", "course__place")}):
        row = sessions(**options).get(since=course.sessions.all()[0].starts_at)
        with django_assert_num_queries(0):
            assert row.starts_at and row.course.title == course.title and row.course.unit_id
        with django_assert_num_queries(2):
            assert (row.place, row.course.place) == ("", course.place)


def test_there_may_be_no_row() -> None:
    course = make_sessions()
    with pytest.raises(Session.DoesNotExist):
        sessions().get(since=course.sessions.all()[1].starts_at + timedelta(days=9))


def test_values_are_never_part_of_the_text() -> None:
    make_course(make_account())
    assert "%(since)s" in sessions().sql and "{columns}" not in sessions().sql


def test_the_values_of_a_list_are_parameters_and_an_empty_list_finds_no_row() -> None:
    rows = [make_course().sessions.get() for _ in range(3)]
    some = JoinedRows(
        Session, (), "SELECT {columns} FROM courses_session AS session WHERE session.id IN %(keys)s"
    )
    assert {row.pk for row in some.all(keys=[rows[0].pk, rows[2].pk])} == {rows[0].pk, rows[2].pk}
    assert some.all(keys=[]) == []
