"""The business accounts of a person are read by a statement that is written out, as the queryset reads them, on both databases."""

from datetime import timedelta

import pytest

from accounts.enums import UnitKind
from accounts.queries.own_accounts import RELATED, own_accounts, own_accounts_by_queryset
from kit import clock
from tests.factories import make_account, make_operator, make_unit, make_user
from tests.joined import same

pytestmark = pytest.mark.django_db


def test_the_accounts_of_a_person_are_those_of_the_queryset() -> None:
    today, person, day = clock.today(), make_user(), timedelta(days=1)
    national = make_unit(county=None, kind=UnitKind.UNIVERSITY)
    for unit, facts in (
        (None, {}),
        (national, {}),
        (None, {"valid_until": today}),
        (None, {"valid_until": today - day}),
        (None, {"valid_from": today + day}),
        (None, {"suspended_at": clock.now()}),
        (None, {"ended_at": clock.now()}),
    ):
        make_account(unit, user=person, **facts)
    inactive = make_account().user
    inactive.is_active = False
    inactive.save()
    for user, number in ((person, 3), (inactive, 0), (make_user(), 0), (make_operator().user, 1)):
        assert same(own_accounts(user.pk), own_accounts_by_queryset(user.pk), RELATED) == number


def test_an_account_that_was_read_so_is_never_assigned_to_another_person() -> None:
    (account,) = own_accounts(make_account().user_id)
    account.user = make_user()
    with pytest.raises(Exception, match="never change|不得變更|個人"):
        account.save()
