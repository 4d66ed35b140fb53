"""A kept question answers what the queryset would, for each asking anew."""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, DateField, F
from django.test.utils import CaptureQueriesContext

from courses.models import Course
from kit.prepared import Param, Prepared, PreparedUpdate
from tests.factories import make_course

pytestmark = pytest.mark.django_db
SINCE: Prepared[Course] = Prepared(
    lambda: (
        Course.objects.filter(starts_on__gte=Param("day", DateField()), state="registered")
        .select_related("unit__county")
        .annotate(left=F("capacity") - F("seats_taken"))
        .order_by("code")
    )
)
GROW = PreparedUpdate(
    lambda: Course.objects.filter(
        code=Param("code", CharField()), capacity__lt=Param("most", BigIntegerField())
    ),
    capacity=F("capacity") + Param("by", BigIntegerField()),
)


def test_rows_are_those_of_the_queryset_with_what_belongs_to_them(django_assert_num_queries: Any) -> None:
    early, late = make_course(day=date(2026, 12, 1)), make_course(day=date(2026, 12, 20), capacity=7)
    assert [row.pk for row in SINCE.rows(day=date(2026, 12, 1))] == [early.pk, late.pk]
    with django_assert_num_queries(1):
        (row,) = SINCE.rows(day=date(2026, 12, 2))
        assert row == late and row.unit.county.name == late.unit.county.name
    assert row.left == 7  # type: ignore[attr-defined]
    assert row.starts_on == date(2026, 12, 20) and row.ends_at == late.ends_at
    assert SINCE.first(day=date(2027, 1, 1)) is None


def test_the_statement_is_written_once_and_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Prepared[Any] = Prepared(
        lambda: Course.objects.filter(code=Param("code", CharField())).values_list("title")
    )
    course = make_course(title="寫一次")
    assert asked.rows(code=course.code) == [("寫一次",)]
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.pre_sql_setup", None)
    with CaptureQueriesContext(connection) as captured:
        assert asked.rows(code=course.code) == [("寫一次",)]
        assert asked.rows(code="0") == []
    assert len(captured) == 2


def test_a_change_is_counted_and_bound_to_its_conditions() -> None:
    course = make_course(capacity=10)
    assert GROW(code=course.code, most=11, by=5) == 1
    assert GROW(code=course.code, most=11, by=5) == 0
    course.refresh_from_db()
    assert course.capacity == 15


def test_a_value_that_is_not_told_is_named() -> None:
    with pytest.raises(KeyError, match="day"):
        SINCE.rows(today=date(2026, 12, 1))


def test_values_are_values_whatever_stands_in_them() -> None:
    make_course()
    assert GROW(code="' OR 1=1 --", most=99, by=1) == 0


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only() -> None:
    locked: Prepared[Course] = Prepared(
        lambda: Course.objects.select_for_update().filter(code=Param("code", CharField()))
    )
    course = make_course()
    with transaction.atomic():
        assert locked.rows(code=course.code) == [course]
    with pytest.raises(transaction.TransactionManagementError):
        locked.rows(code=course.code)
