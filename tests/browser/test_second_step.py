"""The second step on a phone, in both languages: set up on the phone that has the app, wrong codes, a key's page, no code at hand."""

from typing import Any

import pytest
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from tests.browser.contexts import Lend
from tests.browser.test_log_in import at_localhost, code_of, enter, with_virtual_key
from tests.factories import make_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
ERRORS = "main [data-errors]"


@pytest.fixture(params=["zh-hant", "en"])
def language(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def phone(lend: Lend, language: str) -> Any:
    locale = "en-GB" if language == "en" else "zh-TW"
    size = {"width": 375, "height": 667}
    return lend(viewport=size, has_touch=True, is_mobile=True, locale=locale).new_page()


def test_an_app_on_the_same_phone(live_server: Any, phone: Any, language: str, second_step: None) -> None:
    site, account = live_server.url, make_account()
    type(account.user).objects.filter(pk=account.user_id).update(language=language)
    enter(phone, site, account.user.email)
    phone.wait_for_url("**/person/ready/")
    phone.tap("main a[href*='/totp/activate/']")
    phone.wait_for_url("**/totp/activate/**")
    secret = phone.input_value("#authenticator_secret")
    assert f"secret={secret}&" in phone.get_attribute("main a[href^='otpauth://totp/']", "href")
    # The whole key is there to be read and marked, and a phone shows digits for the code.
    field, code = phone.locator("#authenticator_secret"), phone.locator("main [name=code]")
    assert field.evaluate(
        "e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight && !e.disabled"
    )
    assert code.get_attribute("inputmode") == "numeric" and not phone.evaluate(WIDER)
    phone.fill("[name=code]", "000000")
    phone.tap("main form:has([name=code]) button[type=submit]")
    expect(phone.locator(ERRORS)).to_be_focused()
    assert phone.input_value("#authenticator_secret") == secret
    phone.fill("[name=code]", code_of(secret))
    phone.tap("main form:has([name=code]) button[type=submit]")
    phone.wait_for_url("**/recovery-codes/**")
    expect(phone.locator("#messages .alert").first).to_be_focused()
    codes = phone.input_value("#recovery_codes").split()

    # The next log-in: the code's field has the focus; without the app a recovery code, and without both a telephone number.
    phone.context.clear_cookies()
    phone.goto("about:blank")
    enter(phone, site, account.user.email)
    phone.wait_for_url("**/2fa/authenticate/**")
    expect(phone.locator("main [name=code]")).to_be_focused()
    phone.tap("main details summary")
    expect(phone.locator("main details")).to_contain_text("00-0000-0000")
    assert not phone.evaluate(WIDER)
    phone.fill("[name=code]", "1234567")
    phone.tap("main form:has([name=code]) button[type=submit]")
    expect(phone.locator(ERRORS)).to_be_focused()
    phone.fill("[name=code]", codes[0])
    phone.tap("main form:has([name=code]) button[type=submit]")
    phone.wait_for_url("**/unit/")


def test_a_key_on_the_same_phone(
    live_server: Any, phone: Any, language: str, second_step: None, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    site, account = at_localhost(live_server), make_account()
    type(account.user).objects.filter(pk=account.user_id).update(language=language)
    with_virtual_key(phone)
    enter(phone, site, account.user.email)
    phone.wait_for_url("**/person/ready/")
    phone.tap("main a[href$='/webauthn/add/']")
    phone.wait_for_url("**/webauthn/add/")
    with override(language):
        expect(phone.locator("main label[for=id_name]")).to_have_text(gettext("Name"))
    phone.fill("[name=name]", "my phone")
    phone.tap("#mfa_webauthn_add")
    phone.wait_for_url(lambda url: not url.endswith("/webauthn/add/"))
    phone.goto(f"{site}/accounts/2fa/webauthn/")
    with override(language):
        expect(phone.locator("main li")).to_contain_text(gettext("never used"))
    assert phone.locator("main li a.btn").count() == 2 and not phone.evaluate(WIDER)

    phone.context.clear_cookies()
    phone.goto("about:blank")
    enter(phone, site, account.user.email)
    phone.wait_for_url("**/2fa/authenticate/**")
    phone.tap("#mfa_webauthn_authenticate")
    phone.wait_for_url("**/unit/")
