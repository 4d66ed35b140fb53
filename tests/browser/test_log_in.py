"""Log-in in a real Chromium: TOTP, a passkey on a virtual authenticator, an OpenID Connect provider, a session that ends."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as django_settings
from playwright.sync_api import expect

from accounts.models import Affiliation, PlaceProposal, User
from audit.models import AuditEvent
from kit import clock
from signin import issuers
from tests.browser.conftest import without_errors
from tests.browser.contexts import Lend, follow
from tests.factories import PASSWORD, make_account, make_unit, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = Path(django_settings.BASE_DIR)


def enter(page: Any, site: str, login: str, password: str = PASSWORD) -> None:
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def at_localhost(live_server: Any) -> str:
    """Browsers know passkeys at localhost, not at 127.0.0.1."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


def with_virtual_key(page: Any) -> None:
    """Let the browser act as a device with a passkey of its own, whose owner is there."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_handler_sets_up_an_app_and_only_then_has_the_hat(
    live_server: Any, browser_page: Any, second_step: None
) -> None:
    page, site = browser_page, live_server.url
    account = make_account()
    enter(page, site, account.number)
    page.wait_for_url("**/person/ready/")
    assert page.goto(f"{site}/unit/").url.split("?")[0].endswith("/person/ready/")

    follow(page, "a.btn:has-text('驗證器應用程式')")
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", code_of(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/recovery-codes/**")
    stored = Authenticator.objects.get(user=account.user, type="totp")
    assert secret not in str(stored.data)
    assert page.goto(f"{site}/unit/").status == 200 and page.url.endswith("/unit/")

    # The next log-in requires the code; a wrong one is refused, and a used code does not work twice.
    page.context.clear_cookies()
    enter(page, site, account.user.email)
    page.wait_for_url("**/2fa/authenticate/**")
    page.fill("[name=code]", "000000")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "/2fa/authenticate/" in page.goto(f"{site}/unit/").url
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(seconds=61), tick=True):
        page.fill("[name=code]", code_of(secret))
        page.keyboard.press("Enter")
        page.wait_for_selector("text=登出")
        assert page.goto(f"{site}/unit/").status == 200 and page.url.endswith("/unit/")
    assert AuditEvent.objects.filter(action="mfa.failed", object_id=str(account.user_id)).exists()


def test_recovery_codes_are_saved_before_the_way_goes_on(
    live_server: Any, browser_page: Any, second_step: None
) -> None:
    page, site = browser_page, live_server.url
    account = make_account()
    enter(page, site, account.number)
    page.wait_for_url("**/person/ready/")
    follow(page, "a.btn:has-text('驗證器應用程式')")
    page.fill("[name=code]", code_of(page.input_value("#authenticator_secret")))
    page.keyboard.press("Enter")
    page.wait_for_url("**/recovery-codes/**")
    shown = page.input_value("#recovery_codes").split()
    assert len(shown) == 10
    expect(page.locator("[data-print]")).to_be_visible()
    with page.expect_download() as saved:
        page.click("#download-codes")
    assert Path(saved.value.path()).read_text().split() == shown
    page.click("button:has-text('繼續')")
    assert "/recovery-codes/" in page.url, "the box is not ticked"
    box = page.locator("#codes_saved")
    expect(box).to_be_visible()
    assert (box.bounding_box() or {})["width"] >= 10
    box.check()
    page.click("button:has-text('繼續')")
    page.wait_for_url("**/unit/")


def test_a_passkey_logs_in_without_a_password_and_counts_as_the_second_step(
    live_server: Any, browser_page: Any, second_step: None, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    page, site = browser_page, at_localhost(live_server)
    with_virtual_key(page)
    account = make_account()
    enter(page, site, account.user.email)
    page.wait_for_url("**/person/ready/")
    follow(page, "main a.btn:has-text('通行密鑰')")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: not url.endswith("/webauthn/add/"))
    assert Authenticator.objects.filter(user=account.user, type="webauthn").count() == 1

    page.goto(f"{site}/")
    follow(page, "text=登出")
    page.goto(f"{site}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_selector("text=登出")
    assert page.goto(f"{site}/unit/").status == 200 and page.url.endswith("/unit/")


@pytest.fixture
def provider(live_server: Any, settings: Any, tmp_path: Path) -> Iterator[str]:
    """A provider in its own process, with the application under test as its client."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    callback = f"{live_server.url}/accounts/oidc/school/login/callback/"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.idp", str(port), callback],
        cwd=ROOT,
        env={**os.environ, "IDP_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout and process.stdout.readline().strip() == "ready"
    issuer = {
        "id": "school",
        "name": "教育體系單一登入",
        "server_url": url,
        "client_id": "inservice",
        "secret": "a-secret-of-the-tests",
        "eduinfo_url": f"{url}/eduinfo",
        "trusts_email": True,
    }
    settings.OIDC_ISSUERS = [issuer]
    settings.OIDC_ISSUERS_BY_ID = {"school": issuer}
    settings.SOCIALACCOUNT_PROVIDERS = issuers.providers([issuer])
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {**policy, "form-action": [*policy["form-action"], *issuers.origins([issuer])]}
    }
    yield url
    process.terminate()
    process.wait(10)


def through(page: Any, site: str, provider: str, who: str) -> None:
    """From our log-in page to the provider, its own log-in, and back."""
    page.context.clear_cookies()
    page.goto(f"{site}/accounts/login/")
    follow(page, "text=教育體系單一登入")
    page.click("main button[type=submit]:visible")
    page.wait_for_url(f"{provider}/**")
    page.fill("[name=login]", who)
    page.fill("[name=password]", "provider-pass-word")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/**")


@pytest.mark.own_clock
def test_the_education_log_in_finds_the_person_by_verified_identity_only(
    live_server: Any, browser_page: Any, provider: str
) -> None:
    page, site = browser_page, live_server.url
    unit = make_unit("134526")
    known = make_user("陳怡君", email="known@school.example")
    victim = make_user("陳怡君", email="victim@school.example")

    through(page, site, provider, "known")
    page.wait_for_selector("text=登出")
    assert SocialAccount.objects.get(provider="school").user == known
    proposed = PlaceProposal.objects.get(person=known)
    assert (proposed.unit, proposed.title, proposed.is_end) == (unit, "教師、組長", False)
    assert not Affiliation.objects.filter(user=known).exists()

    # The same name without a verified e-mail, and a verified e-mail nobody here has: nobody is logged in, nobody is made.
    people = User.objects.count()
    for who in ("unproved", "stranger"):
        through(page, site, provider, who)
        page.wait_for_selector("text=查無與此登入對應的帳號")
        assert page.goto(f"{site}/me/").url.split("?")[0].endswith("/accounts/login/")
    assert User.objects.count() == people and not SocialAccount.objects.filter(user=victim).exists()

    # The second log-in goes by the connection, even when the e-mail here has changed meanwhile.
    User.objects.filter(pk=known.pk).update(email="other@school.example")
    through(page, site, provider, "known")
    page.wait_for_selector("text=登出")
    assert SocialAccount.objects.count() == 1


@pytest.fixture
def page_with_a_clock(lend: Lend) -> Iterator[Any]:
    """A page whose clock the test moves."""
    with without_errors(lend(locale="zh-TW", kind="with a clock").new_page()) as page:
        page.clock.install()
        yield page


def test_what_was_typed_survives_the_end_of_the_session(live_server: Any, page_with_a_clock: Any) -> None:
    page, site = page_with_a_clock, live_server.url
    user = make_user()
    enter(page, site, user.email)
    page.wait_for_selector("text=登出")
    page.goto(f"{site}/person/identity/")
    opened = clock.now().astimezone(clock.TAIPEI)
    page.fill("[name=reason]", "戶籍已改名")
    with time_machine.travel(opened + timedelta(seconds=1700), tick=True):
        page.clock.fast_forward(1_700_000)
        page.wait_for_selector("[data-stay]:visible:has-text('我還在')")
    with time_machine.travel(opened + timedelta(seconds=1900), tick=True):
        page.clock.fast_forward(200_000)
        follow(page, "[data-again]:visible")
        assert "/accounts/login/" in page.url
        expect(page.locator("main")).to_contain_text("因閒置過久")
        page.fill("[name=login]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        # By the start of its path: the log-in's own address ends with the same words (next=…).
        page.wait_for_url(f"{site}/person/identity/")
        expect(page.locator("[name=reason]")).to_have_value("戶籍已改名")
