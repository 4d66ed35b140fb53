"""A change of identity in `accounts` ends sessions and keys in the same transaction."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import business_access, change_signals
from accounts.acting import Actor
from accounts.actions import identity_changes, people
from accounts.models import User
from notices.models import Notice
from signin import signals
from signin.actions import tokens
from tests.factories import PASSWORD, acting, make_account, make_key, make_operator, make_user, teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def nobody_listens() -> Iterator[None]:
    """The receiver of `signin` is taken off."""
    change_signals.identity_changed.disconnect(dispatch_uid="signin.identity_changed")
    yield
    change_signals.identity_changed.connect(
        signals.identities_changed, dispatch_uid="signin.identity_changed"
    )


def number_corrected(person: User, by: Actor) -> None:
    people.correct_numbers(person=person, by=by, national_id="A123456789", reason="證件影本")


def mailbox_changed(person: User, by: Actor) -> None:
    change = identity_changes.request(
        by=teacher(person), new_name=person.name, new_email="new@x.example", reason="換信箱"
    )
    identity_changes.approve(change=change, by=by)


CHANGES = pytest.mark.parametrize("change", [number_corrected, mailbox_changed])
Change = Callable[[User, Actor], None]


def at_work(client: Client) -> tuple[User, str]:
    """A person with a number who is logged in and has a key."""
    person = make_user()
    person.set_national_id("B123456780")
    person.save(update_fields=User.NUMBER_FIELDS)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert is_in(client)
    return person, make_key(person, for_business=False)


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("signin:security")).status_code == 200)


@CHANGES
def test_a_changed_identity_ends_sessions_and_keys(client: Client, change: Change) -> None:
    person, key = at_work(client)
    change(person, acting(make_operator()))
    assert not is_in(client) and tokens.find(key) is None


@CHANGES
@pytest.mark.usefixtures("nobody_listens")
def test_without_the_receiver_they_would_go_on(client: Client, change: Change) -> None:
    person, key = at_work(client)
    change(person, acting(make_operator()))
    assert is_in(client) and tokens.find(key) is not None


@CHANGES
def test_a_change_that_is_rolled_back_ends_nothing(client: Client, change: Change) -> None:
    person, key = at_work(client)
    by = acting(make_operator())
    with pytest.raises(KeyError), transaction.atomic():
        change(person, by)
        assert tokens.find(key) is None
        raise KeyError
    assert is_in(client) and tokens.find(key) is not None


def test_a_receiver_that_fails_undoes_the_change(client: Client) -> None:
    person, key = at_work(client)

    def fails(**_: Any) -> None:
        raise KeyError

    change_signals.identity_changed.connect(fails)
    try:
        with pytest.raises(KeyError):
            number_corrected(person, acting(make_operator()))
    finally:
        change_signals.identity_changed.disconnect(fails)
    person.refresh_from_db()
    assert person.national_id == "B123456780" and is_in(client) and tokens.find(key) is not None
    assert not Notice.objects.filter(kind="person_changed").exists()


def test_people_who_are_added_take_their_address_from_whom_the_library_remembers() -> None:
    former = make_user(email="now@x.example")
    EmailAddress.objects.create(user=former, email="Old@x.example", verified=True, primary=False)
    change_signals.people_added.send(sender=User, people=[make_user(email="old@x.example")])
    assert not EmailAddress.objects.filter(user=former, email="Old@x.example").exists()


def test_without_a_registered_check_no_session_acts_for_a_business_account(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account()
    client.post(reverse("account_login"), {"login": account.user.email, "password": PASSWORD})
    assert client.get(reverse("courses:unit_home")).status_code == 200
    monkeypatch.setattr(business_access, "_checks", [])
    assert client.get(reverse("courses:unit_home")).status_code == 302
