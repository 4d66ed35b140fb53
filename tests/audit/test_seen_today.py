"""Whom a reader has looked at today is read by a statement that is written out, as the queryset reads it, on both databases."""

from datetime import time, timedelta

import pytest
import time_machine

from audit.log import record_read, seen_today, seen_today_by_queryset
from kit import clock
from tests.factories import acting, make_account, make_course, make_user

pytestmark = pytest.mark.django_db


def test_who_was_seen_today_is_who_the_queryset_names() -> None:
    by, other = acting(make_account()), acting(make_account())
    course, second = make_course(), make_course()
    people = [make_user().pk for _ in range(6)]
    start = clock.at_taipei(clock.today())
    looks = [
        (start - timedelta(seconds=1), "read.people", course, by),
        (start, "read.people", course, by),
        (start + timedelta(hours=23), "read.people", course, by),
        (start, "read.people", second, by),
        (start, "read.record", course, by),
        (start, "read.people", course, other),
    ]
    for person, (at, action, obj, reader) in zip(people, looks, strict=True):
        with time_machine.travel(at, tick=False):
            record_read(action, obj, by=reader, subjects=[person])
    with time_machine.travel(clock.at_taipei(clock.today(), time(23, 30)), tick=False):
        for _at, action, obj, reader in looks:
            assert seen_today(action, obj, reader) == seen_today_by_queryset(action, obj, reader)
        assert seen_today("read.people", course, by) == set(people[1:3])
