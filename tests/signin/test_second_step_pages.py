"""The pages of the two-step verification: one name for it everywhere, and recovery codes that are really kept."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.urls import reverse

from tests.factories import make_account, make_operator
from tests.security.test_doors import reauthenticate, with_app
from tests.signin.test_login_locks_and_sessions import PASSWORD, attempt

pytestmark = pytest.mark.django_db
OTHER_NAMES = re.compile(
    r"第二步|二階|雙重|兩階段|復原碼|復原代碼|恢復碼|恢復代碼|驗證器代碼|authenticator 驗證器"
)


def text_of(answer: object) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())  # type: ignore[attr-defined]


@pytest.fixture
def person() -> Client:
    """A handler with an app and recovery codes, who has just confirmed."""
    account = make_account()
    with_app(account.user)
    RecoveryCodes.activate(account.user)
    client = Client()
    client.force_login(account.user)
    reauthenticate(client)
    return client


def test_recovery_codes_are_shown_with_tick_box_download_print_and_the_way_on(person: Client) -> None:
    page = person.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    assert all(code in page for code in codes)
    tick = re.search(r'<input class="form-check-input" type="checkbox" id="codes_saved" required>', page)
    assert tick and 'class="form-check-label" for="codes_saved"' in page
    assert 'id="download-codes"' in page and "data-print" in page and "js/recovery_codes.js" in page
    assert re.search(r'<form class="no-print" method="get" action="/">.*type="submit">繼續', page, re.S)


def test_recovery_codes_are_shown_once_and_then_lead_on(person: Client) -> None:
    person.get(reverse("mfa_view_recovery_codes"))
    page = person.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert "codes_saved" not in page and "尚有 10 組備用碼可用" in page
    assert reverse("mfa_generate_recovery_codes") in page and reverse("signin:security") in page


def test_every_page_calls_the_second_step_by_one_name(person: Client, second_step: None) -> None:
    operator = Client()
    operator.force_login(make_operator().user)
    user = make_account().user
    waiting, bare = Client(), Client()
    with_app(user)
    attempt(waiting, user.email, PASSWORD)
    bare.force_login(make_account().user)
    reauthenticate(bare)
    asked = [
        (person, name)
        for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp", "mfa_list_webauthn",
                     "mfa_add_webauthn", "mfa_reauthenticate", "signin:security", "handbook:index")
    ]  # fmt: skip
    asked += [(waiting, "mfa_authenticate"), (bare, "mfa_activate_totp"), (bare, "signin:ready")]
    pages = {name: text_of(client.get(reverse(name), follow=True)) for client, name in asked}
    pages["handbook"] = text_of(person.get(reverse("handbook:page", args=["second-step"])))
    wrong = {name: OTHER_NAMES.findall(text) for name, text in pages.items() if OTHER_NAMES.search(text)}
    assert not wrong
    for name in ("mfa_index", "mfa_authenticate", "signin:security", "signin:ready"):
        assert "兩步驟驗證" in pages[name], name
    assert "6 位數驗證碼" in pages["mfa_authenticate"]
