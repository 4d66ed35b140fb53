"""Many people sign in at once on PostgreSQL: each is recorded once, also who sends it twice, and the closing waits for them."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.acting import Actor
from accounts.models import User
from audit.models import AuditEvent
from courses.models import Session
from hours.actions import attendance
from hours.models import Attendance
from kit import clock
from tests.concurrency.race import at_once
from tests.factories import make_course

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 500 if os.environ.get("RUN_LONG") else 60


def running() -> Session:
    now, course = clock.now(), make_course(capacity=PEOPLE)
    course.sessions.update(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    return course.sessions.select_related("course").get()


def rush(session: Session) -> list[Any]:
    """Everybody signs in twice at the same time."""
    people = User.objects.bulk_create(
        [User(email=f"s{n}@x.example", name=f"人{n}", password="!") for n in range(PEOPLE)]
    )
    return at_once(
        [
            lambda p=p: attendance.sign(session=session, kind="in", by=Actor(p), at=clock.now())
            for p in people
            for _twice in range(2)
        ]
    )


def test_everybody_who_signs_at_once_is_recorded_once() -> None:
    results = rush(running())
    assert all(isinstance(result, Attendance) for result in results)
    assert Attendance.objects.count() == PEOPLE == len({result.pk for result in results})
    assert AuditEvent.objects.filter(action="attendance.sign").count() == PEOPLE


def test_twin_without_the_look_at_what_is_there_the_constraint_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(rows: Any, *, defaults: dict[str, Any], **key: Any) -> tuple[Attendance, bool]:
        return rows.create(**key, **defaults), True

    monkeypatch.setattr(type(Attendance.objects.valid()), "get_or_create", naive)
    results = rush(running())
    # Who signs the second time after the first sign was saved finds it before.
    assert 0 < sum(isinstance(result, IntegrityError) for result in results) <= PEOPLE
    assert Attendance.objects.count() == PEOPLE
