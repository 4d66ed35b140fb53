"""In force: the queryset and the loaded row agree on every appointment, and a place of service ends on its last day."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from accounts.enums import AccountState
from accounts.models import Affiliation, BusinessAccount
from kit import clock
from tests.factories import enrol, make_account, make_course, make_unit, make_user

pytestmark = pytest.mark.django_db
DAYS = (-1, 0, 1)


def day(number: int | None) -> Any:
    return None if number is None else clock.today() + timedelta(days=number)


def every_account() -> None:
    cases = itertools.product(DAYS, (None, *DAYS), (False, True), (False, True), (False, True))
    for first, last, suspended, ended, barred in cases:
        if last is None or first <= last:
            make_account(
                user=make_user(is_active=not barred),
                valid_from=day(first),
                valid_until=day(last),
                suspended_at=clock.now() if suspended else None,
                ended_at=clock.now() if ended else None,
            )


def test_queryset_and_row_agree_about_every_account_on_every_day() -> None:
    every_account()
    everyone = BusinessAccount.objects.select_related("user")
    for on in map(day, DAYS):
        rows = list(everyone)
        assert set(everyone.active(on)) == {row for row in rows if row.is_active(on)}
        assert set(everyone.ended(on)) == {row for row in rows if row.has_ended(on)}
        assert set(everyone.open(on)) == {row for row in rows if not row.has_ended(on)}
        assert all((row.state(on) == AccountState.ACTIVE) == row.is_active(on) for row in rows)
        assert all((row.state(on) == AccountState.ENDED) == row.has_ended(on) for row in rows)


def test_the_account_of_a_barred_person_is_not_in_force() -> None:
    account = make_account(user=make_user(is_active=False))
    assert (account.is_active(), account.state()) == (False, AccountState.SUSPENDED)


def test_a_person_who_leaves_later_enrols_as_one_of_the_unit() -> None:
    unit, leaver, left = make_unit(), make_user(), make_user()
    Affiliation.objects.create(user=leaver, unit=unit, until=day(0))
    Affiliation.objects.create(user=left, unit=unit, until=day(-1))
    course = make_course()
    assert enrol(course, leaver).unit == unit
    assert enrol(course, left).unit is None
