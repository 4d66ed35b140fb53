"""Education log-ins: connecting one needs a confirmation, is recorded and notified, one per issuer; the issuer's settings
are passed on.
"""

import json
from typing import Any

import pytest
import requests
from allauth.core.context import request_context
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from signin import issuers
from tests.factories import PASSWORD, make_user
from tests.security.test_doors import reauthenticate
from tests.signin.test_login_locks_and_sessions import after, attempt

pytestmark = pytest.mark.django_db
ISSUER = {
    "id": "ptc", "name": "屏東縣", "server_url": "https://idp.example", "client_id": "c", "secret": "s",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _issuer(settings: Any) -> None:
    settings.OIDC_ISSUERS = [ISSUER]
    settings.OIDC_ISSUERS_BY_ID = {"ptc": ISSUER}
    settings.SOCIALACCOUNT_PROVIDERS = issuers.providers([ISSUER])


def connect(client: Client, uid: str) -> Any:
    return sent_back(client, uid, "connect", reverse("signin:security"))


def sent_back(client: Client, uid: str, process: str, path: str) -> Any:
    """What the library does when the issuer sends the person back: the request is the browser's own."""
    page = client.get(path)
    request = page.wsgi_request
    with request_context(request):
        from allauth.socialaccount.adapter import get_adapter

        provider = get_adapter().get_provider(request, "ptc")
        login = provider.sociallogin_from_response(request, {"userinfo": {"sub": uid, "name": "某人"}})
        login.state = {"process": process}
        answer = complete_login(request, login)
        request.session.save()
    return answer


def logged_in(user: Any) -> Client:
    client = Client()
    attempt(client, user.email, PASSWORD)
    return client


def test_a_log_in_that_names_nobody_here_opens_nothing() -> None:
    client = Client()
    answer = sent_back(client, "uid-1", "login", "/")
    assert answer.status_code == 403 and "屏東縣" in answer.content.decode()
    assert not SocialAccount.objects.exists() and "_auth_user_id" not in client.session


def test_connecting_is_recorded_and_notified() -> None:
    user = make_user()
    connect(logged_in(user), "1")
    assert SocialAccount.objects.get(user=user).uid == "1"
    event = AuditEvent.objects.get(action="login.connected")
    assert event.actor_id == user.pk and event.after == {"issuer": "ptc"}
    assert_told(user, "屏東縣")


def assert_told(user: Any, word: str) -> None:
    assert any(user.email in message.to and word in message.body for message in mail.outbox)


def test_connecting_needs_a_fresh_confirmation() -> None:
    user = make_user()
    client = logged_in(user)
    with after(6):
        answer = connect(client, "1")
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        assert not SocialAccount.objects.exists()
        reauthenticate(client)
        assert SocialAccount.objects.filter(user=user, uid="1").exists()
    assert AuditEvent.objects.filter(action="login.connected").count() == 1


def test_connecting_is_refused_to_a_person_who_can_confirm_by_nothing() -> None:
    user = make_user()
    client = logged_in(user)
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert connect(client, "1")["Location"] == reverse("signin:security")
    assert not SocialAccount.objects.exists()


def test_a_second_log_in_of_the_same_issuer_is_refused() -> None:
    user = make_user()
    client = logged_in(user)
    connect(client, "1")
    answer = connect(client, "2")
    assert answer["Location"] == reverse("signin:security")
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == ["1"]
    assert connect(client, "1").status_code == 302  # the same one again changes nothing


def test_a_second_log_in_is_refused_on_the_way_back_from_the_confirmation_as_well() -> None:
    user = make_user()
    client = logged_in(user)
    with after(6):
        connect(client, "2")
        SocialAccount.objects.create(user=user, provider="ptc", uid="1", extra_data={})
        assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == ["1"]


def test_the_rule_is_in_the_model_and_in_the_database() -> None:
    user = make_user()
    SocialAccount.objects.create(user=user, provider="ptc", uid="1", extra_data={})
    with pytest.raises(ValidationError):
        SocialAccount.objects.create(user=user, provider="ptc", uid="2", extra_data={})
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialAccount.objects.bulk_create([SocialAccount(user=user, provider="ptc", uid="2", extra_data={})])


def test_disconnecting_is_recorded() -> None:
    user = make_user()
    client = logged_in(user)
    connect(client, "1")
    client.post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()
    assert AuditEvent.objects.get(action="login.disconnected").actor_id == user.pk


# --- An issuer that is away ------------------------------------------------------------------------------------------
class Session:
    """A session of the library whose requests end in `ending`: an error, or the issuer's response."""

    def __init__(self, ending: Any) -> None:
        self.ending = ending

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: Any) -> None: ...

    def get(self, *_: Any, **__: Any) -> Any:
        if isinstance(self.ending, Exception):
            raise self.ending
        return self

    def raise_for_status(self) -> None: ...

    def json(self) -> Any:
        return json.loads(self.ending)


@pytest.mark.parametrize(
    "ending",
    [
        requests.ConnectionError(),
        requests.Timeout(),
        requests.HTTPError(),
        "",
        "{}",
        "[]",
        "null",
        '"x"',
        '{"authorization_endpoint": 1}',
    ],
)
def test_an_issuer_that_is_away_or_odd_gets_a_page(monkeypatch: Any, ending: Any) -> None:
    monkeypatch.setattr(
        "signin.education.SocialAccountAdapter.get_requests_session", lambda self: Session(ending)
    )
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("openid_connect_login", args=["ptc"]))
    assert answer.status_code == 502 and reverse("account_login") in answer.content.decode()


# --- Settings of an issuer -------------------------------------------------------------------------------------------
def test_settings_of_an_issuer_are_passed_to_the_library() -> None:
    own = {"eduinfo_url": "https://idp.example/edu", "trusts_email": True, "national_id_claim": "idno"}
    more = {
        "fetch_userinfo": False,
        "openid_configuration_overrides": {"authorization_endpoint": "https://login.example/a"},
        "token_auth_method": "client_secret_basic",
        "scope": ["openid"],
        "uid_field": "uid",
        "oauth_pkce_enabled": False,
    }
    app = issuers.providers([{**ISSUER, **own, **more}])["openid_connect"]["APPS"][0]
    assert app["settings"] == {"server_url": "https://idp.example", **more}


def test_a_form_may_lead_to_where_an_issuers_log_in_page_really_is() -> None:
    more = {"openid_configuration_overrides": {"authorization_endpoint": "https://login.example/a"}}
    assert issuers.origins([{**ISSUER, **more}]) == ["https://idp.example", "https://login.example"]


def test_a_person_is_matched_by_the_token_where_the_issuer_has_no_userinfo() -> None:
    from types import SimpleNamespace

    from signin.education import _claims

    token_only = SimpleNamespace(
        account=SimpleNamespace(extra_data={"id_token": {"sub": "1", "email": "a@b.c"}})
    )
    assert _claims(token_only)["email"] == "a@b.c"  # type: ignore[arg-type]
