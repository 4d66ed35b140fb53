"""`kit.plain_insert` writes the row that `Model.save` writes, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from audit.models import AuditEvent
from courses.models import Enrolment
from kit import clock
from kit.plain_insert import insert
from notices.models import Notice
from tests.factories import make_course, make_user

pytestmark = pytest.mark.django_db


def an_event(at: Any) -> AuditEvent:
    after = {"text": '下午 "引號" 50%', "number": 3, "none": None, "list": [1, "二"]}
    return AuditEvent(
        at=at,
        action="enrolment.enrol",
        object_type="x",
        object_id="7",
        after=after,
        unit_id=None,
        block=2**40,
    )


def an_enrolment(at: Any) -> Enrolment:
    return Enrolment(course=make_course(), user=make_user(), state="admitted", enrolled_at=at, walk_in=True)


def a_notice(at: Any) -> Notice:
    return Notice(
        key=f"key {at}",
        recipient=make_user(),
        subject="名額",
        body="一\n二",
        refs=["course:7"],
        created_at=at,
    )


@pytest.mark.parametrize("make", [an_event, an_enrolment, a_notice])
def test_a_row_is_the_one_that_save_writes(make: Callable[[Any], models.Model]) -> None:
    moment = clock.now()
    plain, saved = make(moment), make(moment + timedelta(microseconds=1))
    insert(plain)
    saved.save(force_insert=True)
    assert plain.pk and not plain._state.adding and plain._state.db == saved._state.db
    rows = type(plain)._default_manager.in_bulk([plain.pk, saved.pk])
    for field in type(plain)._meta.concrete_fields:
        mine, its = (getattr(rows[row.pk], str(field.attname)) for row in (plain, saved))
        if not field.primary_key:
            assert type(mine) is type(its)
            assert mine == getattr(plain, str(field.attname))
            assert its == getattr(saved, str(field.attname))


def test_a_row_that_a_constraint_refuses_raises_what_save_raises() -> None:
    row = an_enrolment(clock.now())
    insert(row)
    again = Enrolment(course=row.course, user=row.user, state="admitted", enrolled_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)
    assert Enrolment.objects.count() == 1
