"""Security keys: a key is stored only when it is one, and none of the odd things sent in its place lets in or breaks a page."""

import copy
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData

from signin.forms.security_keys import _base64url, _registration
from signin.readiness import passed_second_factor
from tests.factories import make_account, make_user
from tests.signin.software_key import SoftwareKey, challenge_of
from tests.signin.test_login_locks_and_sessions import attempt, is_in

pytestmark = pytest.mark.django_db
ADD, INDEX = "mfa_add_webauthn", "mfa_index"
# One value of every kind of JSON, empty and full, and texts that are no JSON or too much of it.
KINDS = [
    "false", "true", "null", "0", "1", "-1", "1e999", "NaN", '""', '"x"', "[]", "[1]", "{}", '{"response": {}}', '{"response": null}',
    '{"response": []}', '{"id": 1, "rawId": 1, "response": 1}', "", " ", "{", "\ufeff{}", "9" * 5000, "[" * 15_000, '{"a":' * 3000, '"\\u0000"',
    '"\\ud800"',
]  # fmt: skip


def second_step_passed(client: Client, user: Any) -> bool:
    request = type("Request", (), {"session": client.session, "user": user})()
    return passed_second_factor(request, user)


def logged_in(account_user: Any) -> Client:
    client = Client(raise_request_exception=False)
    attempt(client, account_user.email, "a-long-pass-word")
    return client


def mutations(credential: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The credential with one of its parts of another kind, or gone."""
    for odd in (None, False, 0, "", "x", "\0", [], {}, 10**30, "AAAA"):
        for name in ("id", "rawId", "type", "response"):
            yield {**credential, name: odd}
        for name in credential["response"]:
            yield {**credential, "response": {**credential["response"], name: odd}}
    for name in credential:
        if name not in ("clientExtensionResults", "authenticatorAttachment"):
            yield {key: value for key, value in credential.items() if key != name}


@pytest.mark.parametrize("sent", KINDS)
def test_adding_a_key_refuses_every_other_kind_of_json(sent: str, second_step: None) -> None:
    account = make_account()
    client = logged_in(account.user)
    client.get(reverse(ADD))
    answer = client.post(reverse(ADD), {"name": "k", "credential": sent})
    assert answer.status_code == 200 and not Authenticator.objects.filter(user=account.user).exists()
    assert not second_step_passed(client, account.user)
    assert client.get("/unit/").status_code == 302
    assert client.get(reverse(INDEX)).status_code == 200


def test_adding_a_key_refuses_a_credential_with_any_part_of_another_kind(second_step: None) -> None:
    account = make_account()
    client, key = logged_in(account.user), SoftwareKey()
    client.get(reverse(ADD))
    for odd in mutations(key.created(challenge_of(client.session))):
        answer = client.post(reverse(ADD), {"name": "k", "credential": json.dumps(odd)})
        assert answer.status_code == 200, odd
        assert not Authenticator.objects.filter(user=account.user).exists(), odd


def test_adding_a_key_refuses_a_public_key_that_could_never_be_checked(second_step: None) -> None:
    account = make_account()
    client = logged_in(account.user)
    for public in ({1: 2, 3: -7}, {1: 99, 3: -99}, {1: 2, 3: -7, -1: 1, -2: b"x", -3: b"y"}):
        key = SoftwareKey()
        key.public = public
        client.get(reverse(ADD))
        sent = json.dumps(key.created(challenge_of(client.session)))
        assert client.post(reverse(ADD), {"credential": sent}).status_code == 200
    assert not Authenticator.objects.filter(user=account.user).exists()


def test_adding_a_key_refuses_what_holds_no_key_or_says_it_is_none(second_step: None) -> None:
    account = make_account()
    client, key = logged_in(account.user), SoftwareKey()
    client.get(reverse(ADD))
    made = key.created(challenge_of(client.session))
    without = AuthenticatorData.create(sha256(b"testserver").digest(), AuthenticatorData.FLAG.UP, 0)
    empty = AttestationObject.create("none", without, {})
    response = {**made["response"], "attestationObject": websafe_encode(empty)}
    for sent in ({**made, "type": "password"}, {**made, "response": response}):
        with pytest.raises(ValidationError):
            _registration().clean(json.dumps(sent))
    assert _registration().clean(json.dumps(made))["type"] == "public-key"


def test_a_key_is_stored_without_what_is_not_part_of_one(second_step: None) -> None:
    account = make_account()
    client, key = logged_in(account.user), SoftwareKey()
    client.get(reverse(ADD))
    sent = key.created(challenge_of(client.session))
    full = copy.deepcopy(sent) | {
        "more": "\0",
        "clientExtensionResults": {"credProps": {"rk": True, "x": "\0"}, "y": "\0"},
    }
    full["response"]["transports"] = ["\0", "usb"]
    assert client.post(reverse(ADD), {"name": "k", "credential": json.dumps(full)}).status_code == 302
    stored = Authenticator.objects.get(user=account.user, type="webauthn")
    assert stored.data["credential"] == sent
    assert second_step_passed(client, account.user) and client.get("/unit/").status_code == 200


def test_a_stored_key_is_the_second_step_and_odd_responses_are_not(second_step: None) -> None:
    user, key = with_key()
    client = Client(raise_request_exception=False)
    attempt(client, user.email, "a-long-pass-word")
    page = reverse("mfa_authenticate")
    client.get(page)
    for sent in KINDS:
        assert client.post(page, {"credential": sent}).status_code == 200 and not is_in(client), sent
        forget_failures(user)
    for odd in mutations(key.signed(challenge_of(client.session))):
        answer = client.post(page, {"credential": json.dumps(odd)})
        assert answer.status_code == 200 and not is_in(client), odd
        forget_failures(user)
    client.post(page, {"credential": json.dumps(key.signed(challenge_of(client.session)))})
    assert is_in(client)


def test_a_passkey_logs_in_and_odd_responses_do_not(second_step: None) -> None:
    user, key = with_key()
    client = Client(raise_request_exception=False)
    page = reverse("mfa_login_webauthn")

    def challenge() -> str:
        client.get(page, headers={"X-Requested-With": "XMLHttpRequest"})
        return challenge_of(client.session)

    handle = user_pk_to_url_str(user).encode()
    odd = [*KINDS, *map(json.dumps, mutations(key.signed(challenge(), handle)))]
    odd += [
        json.dumps(key.signed(challenge(), strange))
        for strange in (b"zzzzzzzzzzzzz", b"\0", b"\xff", b"0", b"-1")
    ]
    for sent in odd:
        answer = client.post(page, {"credential": sent})
        assert answer.status_code in (302, 429) and not is_in(client), sent
        forget_failures(user)
    client.post(page, {"credential": json.dumps(key.signed(challenge(), handle))})
    assert is_in(client)


def test_confirming_with_a_key_refuses_odd_responses(second_step: None) -> None:
    user, _key = with_key()
    client = Client(raise_request_exception=False)
    client.force_login(user)
    page = reverse("mfa_reauthenticate_webauthn")
    client.get(page)
    for sent in KINDS:
        assert client.post(page, {"credential": sent}).status_code == 302, sent
        forget_failures(user)
        assert not second_step_passed(client, user)


def with_key() -> tuple[Any, SoftwareKey]:
    user, key = make_user(), SoftwareKey()
    TOTP.activate(user, generate_totp_secret())
    Authenticator.objects.create(
        user=user, type="webauthn", data={"name": "k", "credential": key.created("AAAA")}
    )
    return user, key


def forget_failures(user: Any) -> None:
    """The limit of tries has tests of its own."""
    from django.core.cache import cache

    from accounts.models import Throttle

    cache.clear()
    Throttle.objects.all().delete()


@pytest.mark.parametrize("sent", ["not base64", "a=b", 7, None])
def test_a_part_of_a_key_that_is_not_base64url_is_refused(sent: object) -> None:
    with pytest.raises(ValueError):
        _base64url(sent)
