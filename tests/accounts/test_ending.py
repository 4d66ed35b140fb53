"""An appointment only ever becomes shorter, and the nation always has an operator."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.actions import appointments, inactive_accounts
from accounts.errors import EndsBeforeStart, LastOperator, NeverProlonged
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from kit import clock
from signin.actions.mailboxes import mark_mailboxes_proved
from tests.factories import acting, make_account, make_lead, make_operator

pytestmark = pytest.mark.django_db


def in_days(number: int) -> Any:
    return clock.today() + timedelta(days=number)


def temporary(**fields: Any) -> BusinessAccount:
    return make_account(valid_until=in_days(5), **fields)


@pytest.mark.parametrize("who", ["the holder", "the lead", "the operator"])
def test_ending_never_prolongs_an_appointment(who: str) -> None:
    account = temporary()
    by = {"the holder": account, "the lead": make_lead(account.unit), "the operator": make_operator()}[who]
    with pytest.raises(NeverProlonged):
        appointments.end(account=account, by=acting(by), confirmed=True, last_day=in_days(900), reason="留任")
    account.refresh_from_db()
    assert account.valid_until == in_days(5) and not AuditEvent.objects.filter(action="account.end").exists()


def test_ending_brings_the_last_day_forward() -> None:
    account = temporary()
    appointments.end(account=account, by=acting(account), confirmed=True, last_day=in_days(2), reason="調校")
    account.refresh_from_db()
    assert account.valid_until == in_days(2) and account.is_active()


def test_a_second_end_does_not_take_the_first_one_back() -> None:
    account = make_account()
    appointments.end(account=account, by=acting(account), confirmed=True, last_day=in_days(2), reason="調校")
    with pytest.raises(NeverProlonged):
        appointments.end(
            account=account, by=acting(account), confirmed=True, last_day=in_days(3), reason="再留一天"
        )


def test_an_account_that_begins_today_can_end_today() -> None:
    account = make_account(valid_from=clock.today(), valid_until=clock.today())
    appointments.end(account=account, by=acting(account), confirmed=True, reason="誤設")
    account.refresh_from_db()
    assert not account.is_active() and account.valid_until == clock.today()


def test_the_page_shows_why_an_appointment_is_not_prolonged(client: Client) -> None:
    account = temporary()
    client.force_login(account.user)
    page = client.post(
        reverse("courses:end_account", args=[account.pk]), {"last_day": in_days(900), "reason": "留任"}
    )
    account.refresh_from_db()
    assert account.valid_until == in_days(5)
    assert clock.to_roc(in_days(5)) in page.content.decode()


@pytest.mark.parametrize("until", [None, 900])
def test_the_database_keeps_an_appointment_from_being_prolonged(until: int | None) -> None:
    account = temporary()
    rows = BusinessAccount.objects.filter(pk=account.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(valid_until=in_days(until) if until else None)
    assert rows.update(valid_until=in_days(1)) == 1


def test_the_last_operator_cannot_end_the_own_account() -> None:
    operator = make_operator()
    for last_day in (None, clock.today(), in_days(30)):
        with pytest.raises(LastOperator):
            appointments.end(
                account=operator, by=acting(operator), confirmed=True, last_day=last_day, reason="離職"
            )


def test_the_last_operator_cannot_suspend_the_own_account() -> None:
    operator = make_operator()
    with pytest.raises(LastOperator):
        appointments.suspend(account=operator, by=acting(operator), reason="休假")


def test_an_operator_may_end_while_another_is_in_force() -> None:
    operator = make_operator()
    make_operator()
    appointments.end(account=operator, by=acting(operator), confirmed=True, reason="離職")
    operator.refresh_from_db()
    assert not operator.is_active()


@pytest.mark.parametrize("other", ["ended", "suspended", "not begun", "ends first", "may not log in"])
def test_an_operator_out_of_force_does_not_replace_the_last_one(other: str) -> None:
    operator = make_operator()
    fields: dict[str, Any] = {
        "ended": {"valid_until": in_days(-1)},
        "suspended": {"suspended_at": clock.now()},
        "not begun": {"valid_from": in_days(3)},
        "ends first": {"valid_until": in_days(8)},
    }.get(other, {})
    second = make_operator(**fields)
    if other == "may not log in":
        second.user.is_active = False
        second.user.save(update_fields=["is_active"])
    last_day = in_days(10) if other == "ends first" else None
    with pytest.raises(LastOperator):
        appointments.end(
            account=operator, by=acting(operator), confirmed=True, last_day=last_day, reason="離職"
        )


def test_an_operator_may_end_on_the_day_before_the_successor_begins() -> None:
    operator = make_operator()
    make_operator(valid_from=in_days(11))
    appointments.end(
        account=operator, by=acting(operator), confirmed=True, last_day=in_days(10), reason="離職"
    )
    with pytest.raises(LastOperator):
        appointments.end(
            account=operator, by=acting(operator), confirmed=True, last_day=in_days(9), reason="離職"
        )


def test_a_successor_is_not_ended_once_the_operator_leaves() -> None:
    operator, successor = make_operator(), make_operator(valid_from=in_days(11))
    appointments.end(
        account=operator, by=acting(operator), confirmed=True, last_day=in_days(10), reason="離職"
    )
    with pytest.raises(LastOperator):
        appointments.end(account=successor, by=acting(operator), confirmed=True, reason="改派")


def test_the_nightly_look_leaves_an_idle_last_operator_in_force() -> None:
    operator = make_operator()
    mark_mailboxes_proved([operator.user])
    inactive_accounts.suspend_and_end()
    operator.refresh_from_db()
    assert operator.is_active()


def test_a_suspended_operator_can_be_ended() -> None:
    operator, away = make_operator(), make_operator(suspended_at=clock.now())
    appointments.end(account=away, by=acting(operator), confirmed=True, reason="離職")
    away.refresh_from_db()
    assert away.ended_at


def test_an_end_before_the_first_day_is_refused() -> None:
    account = make_account(valid_from=in_days(0))
    with pytest.raises(EndsBeforeStart):
        appointments.end(
            account=account, by=acting(make_operator()), confirmed=True, last_day=in_days(-3), reason="誤設"
        )
