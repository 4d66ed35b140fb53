"""Small points of the security sheet (docs/security.md) that no other test covers."""

import json
import logging
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as live
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.logs import RequestIdFilter, ScrubbedJsonFormatter
from audit.models import AuditEvent
from signin import issuers
from tests.factories import make_account, make_user
from tests.signin.test_login_locks_and_sessions import attempt, is_in

pytestmark = pytest.mark.django_db


def test_password_fields_hide_and_let_managers_fill_them(client: Client) -> None:
    client.force_login(make_user())
    for route in ("account_login", "account_change_password"):
        page = (client if route != "account_login" else Client()).get(reverse(route)).content.decode()
        fields = [tag for tag in re.findall("<input[^>]+>", page) if re.search('name="[^"]*password', tag)]
        assert fields and all('type="password"' in tag and 'autocomplete="' in tag for tag in fields)
        assert 'autocomplete="off"' not in "".join(fields) and "onpaste" not in page


def test_a_password_counts_to_its_last_character() -> None:
    user = make_user()
    long = "這是一句很長的密碼" * 10 + "Z"
    user.set_password(long)
    user.save()
    for typed, lets_in in ((long[:-1], False), (long.lower(), False), (long, True)):
        client = Client()
        attempt(client, user.email, typed)
        assert is_in(client) is lets_in


def test_a_password_like_the_own_name_or_address_is_refused() -> None:
    user = make_user(email="chen.yichun.teacher@school.example")
    for password in ("chen.yichun.teacher", "chen.yichun.teacher1"):
        with pytest.raises(ValidationError):
            validate_password(password, user)


def test_passwords_are_hashed_by_argon2() -> None:
    from inservice import settings as house

    assert house.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def test_every_page_of_a_person_has_a_way_out(client: Client) -> None:
    client.force_login(make_account().user)
    for path in ("/me/", "/unit/", "/catalogue/", "/help/", "/person/security/"):
        page = client.get(path).content.decode()
        assert f'action="{reverse("account_logout")}"' in page, path


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/manage.py", "/static/", "/static/css/", "/static/../manage.py", "/static/%2e%2e/.env"],
)  # fmt: skip
def test_nothing_but_static_files_is_served_from_the_disk(client: Client, settings: Any, path: str) -> None:
    settings.WHITENOISE_AUTOREFRESH = False  # as in production
    assert client.get(path).status_code == 404


def test_trace_echoes_nothing(client: Client) -> None:
    for path in ("/catalogue/", "/accounts/login/", "/api/v1/courses/"):
        answer = client.trace(path, headers={"x-secret": "hunter2"})
        assert b"hunter2" not in answer.content and "message/http" not in answer.get("Content-Type", "")


def test_a_refusal_is_in_the_record(client: Client) -> None:
    account = make_account()
    client.force_login(account.user)
    client.get("/operator/")
    client.get(reverse("courses:detail", args=["9999999"]))
    events = AuditEvent.objects.filter(actor_id=account.user_id, action__startswith="refused.")
    assert set(events.values_list("action", flat=True)) == {"refused.forbidden", "refused.not_found"}
    assert account.number in events[0].hat


def test_a_line_break_typed_makes_no_second_line() -> None:
    typed = 'x\n{"levelname": "INFO", "message": "login.ok"}\r\n'
    record = logging.LogRecord("t", logging.WARNING, __file__, 1, "asked for %s", (typed,), None)
    RequestIdFilter().filter(record)
    line = ScrubbedJsonFormatter("%(levelname)s %(message)s").format(record)
    assert len(line.splitlines()) == 1 and json.loads(line)["message"].endswith("\r\n")


def test_a_provider_is_requested_with_pkce_and_state(client: Client, settings: Any, monkeypatch: Any) -> None:
    issuer = {
        "id": "school",
        "name": "教育",
        "server_url": "https://idp.example",
        "client_id": "c",
        "secret": "s",
    }
    settings.SOCIALACCOUNT_PROVIDERS = issuers.providers([issuer])
    monkeypatch.setattr(
        "allauth.socialaccount.providers.openid_connect.views.OpenIDConnectOAuth2Adapter.openid_config",
        {
            "authorization_endpoint": "https://idp.example/authorize",
            "token_endpoint": "https://idp.example/token",
        },
    )
    way = urlsplit(client.post(reverse("openid_connect_login", args=["school"]))["Location"])
    asked = parse_qs(way.query)
    assert way.hostname == "idp.example" and asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"] and len(asked["state"][0]) >= 16
    assert asked["redirect_uri"][0].endswith(reverse("openid_connect_callback", args=["school"]))
    callback = reverse("openid_connect_callback", args=["school"])
    assert not is_in(client)
    client.get(callback, {"code": "x", "state": "guessed"})
    assert not is_in(client) and live.SOCIALACCOUNT_LOGIN_ON_GET is False
