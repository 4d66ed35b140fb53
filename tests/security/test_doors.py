"""Nothing typed leads off the site or into an e-mail's links; keys, second steps and sessions end when they should."""

from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.actions import applications, appointments, identity_changes
from accounts.enums import Role
from accounts.models import User
from kit import clock
from notices.tasks import drain_outbox
from tests.factories import (
    PASSWORD,
    acting,
    make_account,
    make_key,
    make_lead,
    make_operator,
    make_unit,
    make_user,
    teacher,
)
from tests.security import crawl
from tests.security.recording import is_refused_at_the_desk
from tests.security.world import build
from tests.signin.test_login_locks_and_sessions import after, attempt, is_in

pytestmark = pytest.mark.django_db
EVIL = "https://evil.example/"
AWAY = (
    EVIL,
    "//evil.example/",
    "/\\evil.example/",
    "http:///evil.example/",
    "javascript:alert('evil.example')",
)


# --- Redirects -------------------------------------------------------------------------------------------------------
@pytest.mark.once
@pytest.mark.parametrize("role", ["visitor", "teacher", "operator"])
def test_no_route_follows_an_address_off_the_site(role: str, second_step: None) -> None:
    """Request each route with each known name of a "next" URL, in query, form and referer. The desk has one refusal for the roles
    that it refuses: that of its first page.
    """
    world, wrong = build(), []
    names = ("next", "url", "redirect_to", "return_to", "back", "continue")
    fields = dict.fromkeys(names, EVIL) | {"language": "en", "theme": "dark", "account": ""}
    asked = crawl.answers(world, role, fields=fields, without=is_refused_at_the_desk, HTTP_REFERER=EVIL)
    for answer in asked:
        if urlsplit(answer.location).hostname:
            wrong.append(f"{answer}: {answer.location}")
        if leads_to_evil(answer):
            wrong.append(f"{answer}: a link")
    assert not wrong, "\n".join(wrong)


def leads_to_evil(answer: crawl.Answer) -> bool:
    """Return whether a page has a link there. Parsing a page costs as much as rendering it: most do not name the host at all."""
    if not answer.is_html or "evil.example" not in unescape(text := answer.body.decode()).lower():
        return False
    return "evil.example" in crawl.Markup(text).hosts


@pytest.mark.parametrize("target", AWAY)
def test_a_log_in_with_a_second_step_does_not_follow_one_either(target: str) -> None:
    user, secret = with_app(make_user())
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": target}
    )
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    answer = client.post(answer["Location"], {"code": code_of(secret), "next": target})
    assert answer.status_code == 302 and "evil" not in answer["Location"] and is_in(client)


def test_a_next_address_of_our_own_is_followed() -> None:
    answer = Client().post(
        reverse("account_login"), {"login": make_user().email, "password": PASSWORD, "next": "/me/"}
    )
    assert answer["Location"] == "/me/"


# --- E-mails ---------------------------------------------------------------------------------------------------------
def test_no_mail_has_an_address_from_the_host_of_the_request(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """Request every kind of e-mail that a request sends, under another host's name."""
    settings.ALLOWED_HOSTS = ["*"]
    lead, operator = make_lead(), make_operator()
    person, evil = make_user(unit=lead.unit), {"headers": {"host": "evil.example"}}
    with django_capture_on_commit_callbacks(execute=True):
        client = Client()
        for email in (person.email, "nobody@school.example"):
            client.post(reverse("account_reset_password"), {"email": email}, **evil)
        for _ in range(5):
            client.post(reverse("account_login"), {"login": person.email, "password": "x"}, **evil)
        client.force_login(person)
        facts = {"unit": lead.unit.code, "role": "handler", "reason": "接辦", "starts_on": clock.today()}
        client.post(reverse("accounts:apply"), facts, **evil)
        reauthenticate(client)
        client.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": "A-new-sentence-1", "password2": "A-new-sentence-1"},
            **evil,
        )
        row = identity_changes.request(
            by=teacher(make_account().user), new_name="王新名", new_email="new@school.example", reason="改名"
        )
        deciding = Client()
        deciding.force_login(operator.user)
        deciding.post(reverse("accounts:decide_change", args=[row.pk]), {"decision": "approve"}, **evil)
        # The changed mailbox has to be confirmed at the next log-in.
        Client().post(reverse("account_login"), {"login": row.new_email, "password": PASSWORD}, **evil)
    drain_outbox()
    assert len(mail.outbox) >= 7
    texts = [f"{m.subject}\n{m.body}\n{getattr(m, 'alternatives', '')}" for m in mail.outbox]
    assert not [text for text in texts if "evil" in text]
    linked = [text for text in texts if "://" in text]
    assert len(linked) >= 5 and all(settings.SITE_URL in text for text in linked)


def reauthenticate(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


# --- Keys for programs -----------------------------------------------------------------------------------------------
def ask_api(key: str, path: str = "/api/v1/unit/courses/") -> int:
    return int(Client().get(path, headers={"Authorization": f"Token {key}"}).status_code)


def test_a_key_reaches_no_further_than_the_account_of_its_person_at_that_moment() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    key = make_key(account.user)
    assert ask_api(key) == 200
    appointments.suspend(account=account, by=acting(lead), reason="查證")
    assert ask_api(key) == 403 and ask_api(key, "/api/v1/me/light/") == 200
    account.refresh_from_db()
    appointments.resume(account=account, by=acting(lead), reason="無誤")
    assert ask_api(key) == 200
    account.refresh_from_db()
    appointments.end(account=account, by=acting(lead), reason="調職", confirmed=True)
    assert ask_api(key) == 403
    User.objects.filter(pk=account.user_id).update(is_active=False)
    assert ask_api(key, "/api/v1/me/light/") == 401


def test_a_key_for_the_persons_own_training_has_no_business_hat_and_ends_after_ninety_days() -> None:
    user = make_account().user
    plain, business = make_key(user, for_business=False), make_key(user)
    assert (ask_api(plain), ask_api(business)) == (403, 200)
    with after(89.9 * 24 * 60):
        assert ask_api(business, "/api/v1/me/light/") == 200
    with after(90.1 * 24 * 60):
        assert ask_api(business, "/api/v1/me/light/") == 401
    assert ask_api(plain[:-1] + "x", "/api/v1/me/light/") == 401


# --- Roles -----------------------------------------------------------------------------------------------------------
def test_another_role_counts_from_the_next_request_on_and_the_former_one_no_more() -> None:
    operator, lead = make_operator(), make_lead()
    client = Client()
    client.force_login(lead.user)
    assert client.get(reverse("accounts:unit")).status_code == 200
    appointments.end(account=lead, by=acting(operator), reason="改任承辦人", confirmed=True)
    row = applications.apply(
        by=teacher(lead.user), unit=lead.unit, role=Role.HANDLER, reason="接辦", starts_on=clock.today()
    )
    applications.approve(application=row, by=acting(operator))
    assert client.get(reverse("accounts:unit")).status_code == 403
    assert client.get("/unit/").status_code == 200


def test_an_operator_is_bound_to_fifteen_minutes_from_the_next_request_on() -> None:
    user, client = make_user(), Client()
    client.force_login(user)
    with after(16):
        assert is_in(client)
    make_account(make_unit(), user, role=Role.OPERATOR)
    with after(32):
        assert not is_in(client)


# --- Sessions --------------------------------------------------------------------------------------------------------
def test_a_log_in_gives_a_new_session_and_a_log_out_ends_it_on_the_server() -> None:
    user, client = make_user(), Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "1"
    session.save()
    before = session.session_key
    attempt(client, user.email, PASSWORD)
    stolen = client.cookies["session"].value
    assert before and stolen != before and is_in(client)
    client.post(reverse("account_logout"))
    thief = Client()
    for key in (before, stolen):
        thief.cookies["session"] = key
        assert not is_in(thief)


# --- The second step -------------------------------------------------------------------------------------------------
def with_app(user: User) -> tuple[User, str]:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return user, secret


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def second_step_of(client: Client, user: User, code: str) -> bool:
    attempt(client, user.email, PASSWORD)
    assert not is_in(client), "the password alone lets in"
    client.post(reverse("mfa_authenticate"), {"code": code})
    return is_in(client)


def test_a_code_works_once() -> None:
    user, secret = with_app(make_user())
    code = code_of(secret)
    assert second_step_of(Client(), user, code)
    assert not second_step_of(Client(), user, code)


def test_a_recovery_code_works_once() -> None:
    user, _secret = with_app(make_user())
    codes = RecoveryCodes.activate(user).get_unused_codes()
    assert second_step_of(Client(), user, codes[0])
    assert not second_step_of(Client(), user, codes[0])
    assert second_step_of(Client(), user, codes[1])


def test_codes_cannot_be_guessed_in_numbers() -> None:
    user, secret = with_app(make_user())
    client = Client()
    attempt(client, user.email, PASSWORD)
    for guess in range(5):
        client.post(reverse("mfa_authenticate"), {"code": f"{guess:06d}"})
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert not is_in(client)


def test_a_reset_password_does_not_spare_the_second_step() -> None:
    user, secret = with_app(make_user())
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    page = client.get("/accounts" + link.split("/accounts", 1)[1], follow=True)
    new = "One-more-sentence-1"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert not is_in(client)
    attempt(client, user.email, new)
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_in(client)


@pytest.mark.parametrize("route", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
def test_keys_are_changed_only_by_who_has_just_shown_the_password_again(route: str) -> None:
    user, client = make_user(), Client()
    attempt(client, user.email, PASSWORD)
    with after(20):
        answer = client.get(reverse(route))
        assert answer.status_code == 302 and "reauthenticate" in answer["Location"]


def test_a_second_step_is_taken_off_only_by_who_has_just_shown_it() -> None:
    user, secret = with_app(make_user())
    client = Client()
    assert second_step_of(client, user, code_of(secret))
    with after(20):
        answer = client.post(reverse("mfa_deactivate_totp"))
        assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
        assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_a_new_password_needs_the_old_one() -> None:
    user, client = make_user(), Client()
    client.force_login(user)
    new = "A-new-sentence-of-mine-1"
    url = reverse("account_change_password")
    client.post(url, {"oldpassword": "wrong", "password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    client.post(url, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)
