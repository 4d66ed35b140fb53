"""Keys for programs: made after a fresh confirmation, and ended with the identity of the person."""

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.urls import reverse

from accounts.actions import identity_changes
from accounts.models import ApiToken
from audit.models import AuditEvent
from signin.actions import second_factor, tokens
from tests.factories import PASSWORD, acting, make_account, make_key, make_operator, make_user
from tests.security.test_doors import code_of, reauthenticate, with_app
from tests.signin.test_login_locks_and_sessions import after, attempt

pytestmark = pytest.mark.django_db
NEW = "A-new-sentence-of-mine-1"


def logged_in(user: Any) -> Client:
    client = Client()
    attempt(client, user.email, PASSWORD)
    return client


def ended_because(user: Any) -> str:
    return str(AuditEvent.objects.get(action="token.revoked", object_id=str(user.pk)).after["why"])


def test_a_key_ends_when_the_password_is_changed() -> None:
    user = make_user()
    key = make_key(user)
    logged_in(user).post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    assert tokens.find(key) is None and ended_because(user) == "password changed"


@pytest.mark.parametrize("field", ["new_name", "new_email"])
def test_a_key_ends_when_the_identity_is_changed(field: str) -> None:
    operator, account = make_operator(), make_account()
    key = make_key(account.user)
    asked = {"new_name": account.user.name, "new_email": account.user.email}
    asked[field] = "新名" if field == "new_name" else "new@school.example"
    row = identity_changes.request(by=acting(account), reason="改名", **asked)
    assert tokens.find(key)
    identity_changes.approve(change=row, by=acting(operator))
    assert tokens.find(key) is None and ended_because(account.user) == "identity"


def test_a_key_ends_when_the_second_step_is_removed() -> None:
    user, secret = with_app(make_user())
    RecoveryCodes.activate(user)
    key, client = make_key(user), Client()
    attempt(client, user.email, PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    client.post(reverse("mfa_deactivate_totp"))
    assert tokens.find(key) is None and ended_because(user) == "second step removed"


def test_a_key_ends_when_the_operator_takes_the_second_step_off() -> None:
    user, _secret = with_app(make_user())
    key = make_key(user)
    second_factor.reset_second_factor(person=user, by=acting(make_operator()), reason="手機遺失")
    assert tokens.find(key) is None and ended_because(user) == "second factor reset"


def make(client: Client) -> Any:
    return client.post(reverse("signin:make_key"), {"name": "n", "scope": "act"})


def test_making_a_key_needs_a_fresh_confirmation() -> None:
    user = make_user()
    client = logged_in(user)
    with after(6):
        answer = make(client)
        assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_reauthenticate"))
        assert not ApiToken.objects.exists()
        reauthenticate(client)
        assert make(client).status_code == 200 and ApiToken.objects.count() == 1


def test_making_a_key_right_after_the_log_in_needs_nothing() -> None:
    client = logged_in(make_user())
    assert make(client).status_code == 200 and ApiToken.objects.count() == 1


def test_a_person_who_can_confirm_by_nothing_must_have_logged_in_just_now() -> None:
    user = make_user()
    client = logged_in(user)
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    answer = make(client)
    assert answer.status_code == 302 and answer["Location"] == reverse("signin:security")
    assert not ApiToken.objects.exists()


def test_a_person_has_a_largest_number_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 1)
    user = make_user()
    make_key(user)
    with pytest.raises(tokens.TooManyKeys):
        make_key(user)
