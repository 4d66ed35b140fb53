"""A bare installation gets its first operator by a command."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import BusinessAccount, Unit, User
from audit.models import AuditEvent
from tests.factories import make_operator, make_user

pytestmark = pytest.mark.django_db


def create(**facts: str) -> str:
    said = StringIO()
    call_command("create_operator", stdout=said, **{"email": "op@x.example", "name": "王營運", **facts})
    return said.getvalue()


def test_the_first_operator_is_appointed_on_record_and_sets_a_password_by_mail() -> None:
    said = create()
    account = BusinessAccount.objects.active().get()
    assert (account.role, account.unit.kind, account.user.name) == ("operator", "operator", "王營運")
    assert account.number in said and "/accounts/password/reset/" in said
    assert not account.user.has_usable_password()
    assert AuditEvent.objects.filter(action="account.appoint").count() == 1
    Client().post("/accounts/password/reset/", {"email": "op@x.example"})
    call_command("shell", "-c", "from notices import outbox; outbox.drain_all()", verbosity=0)
    # The link for the password, and that an account was given.
    assert [message.to for message in mail.outbox] == [["op@x.example"]] * 2
    assert "/password/reset/key/" in mail.outbox[0].body and account.number in mail.outbox[1].subject


def test_a_person_and_a_unit_that_are_known_are_used() -> None:
    person = make_user(email="op@x.example")
    create()
    assert BusinessAccount.objects.get().user == person and User.objects.count() == 1
    assert Unit.objects.filter(kind="operator").count() == 1


def test_only_the_first_operator_comes_by_command() -> None:
    make_operator()
    with pytest.raises(CommandError):
        create()
    assert BusinessAccount.objects.count() == 1


@pytest.mark.parametrize("facts", [{"email": "nobody"}, {"name": " "}])
def test_a_slip_is_said(facts: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        create(**facts)
    assert not User.objects.exists()


def test_createsuperuser_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="create_operator"):
        call_command("createsuperuser", interactive=False, email="op@x.example", name="王營運")
    assert not User.objects.exists()
