"""The limit of a day's look-ups on PostgreSQL: many at once, each at a course of its own, and the same with its guard removed."""

import time
from datetime import datetime
from typing import Any

import pytest

from accounts.acting import Actor
from accounts.models import User
from courses.models.typed import Typed
from hours.actions import walk_ins
from hours.actions.walk_ins import MOST_A_DAY
from hours.errors import TooManyLookUps
from hours.models import LookUpDay
from kit import clock
from tests.concurrency.race import at_once
from tests.factories import acting, make_account, make_course

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ASKED = MOST_A_DAY + 10


def rush() -> list[Any]:
    """One person looks up forty strangers at once, each for another course, so that no course's lock orders them."""
    account = make_account()
    strangers = User.objects.bulk_create(
        [User(email=f"s{n}@x.example", name=f"人{n}", password="!") for n in range(ASKED)]
    )
    courses = [make_course(account, ago=2) for _ in range(ASKED)]
    by = acting(account)
    return at_once(
        [
            lambda c=c, p=p: walk_ins.look_up(course=c, by=by, typed=[Typed(p.email)])
            for c, p in zip(courses, strangers, strict=True)
        ]
    )


def test_no_more_are_looked_up_at_once_than_a_day_allows() -> None:
    results = rush()
    assert sum(isinstance(r, list) for r in results) == MOST_A_DAY
    assert sum(isinstance(r, TooManyLookUps) for r in results) == ASKED - MOST_A_DAY
    assert LookUpDay.objects.get().used == MOST_A_DAY


def test_twin_a_limit_that_is_read_before_it_is_written_lets_more_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(by: Actor, number: int, missed: int, moment: datetime) -> bool:
        row = LookUpDay.objects.get_or_create(person=by.user, day=clock.today(moment))[0]
        time.sleep(0.05)
        if row.used + number > MOST_A_DAY:
            return False
        row.used += number
        row.save(update_fields=["used"])
        return True

    monkeypatch.setattr(walk_ins, "_claim", naive)
    assert sum(isinstance(r, list) for r in rush()) > MOST_A_DAY
