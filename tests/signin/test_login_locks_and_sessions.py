"""Locks and throttles with the time moved, reset and enumeration, sessions to the minute, revocation at the next request."""

import re
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.actions import appointments
from accounts.models import Device, Throttle, User
from audit.models import AuditEvent
from jobs.models import Job
from kit import clock
from notices.models import Notice
from signin.actions import sessions, throttles
from tests.factories import (
    PASSWORD,
    acting,
    make_account,
    make_course,
    make_key,
    make_lead,
    make_operator,
    make_user,
)

pytestmark = pytest.mark.django_db
LOCKED = "失敗次數過多"


def attempt(client: Client, login: str, password: str = "wrong-pass-word", address: str = "10.1.1.1") -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password}, REMOTE_ADDR=address)


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def after(minutes: float) -> Any:
    return time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(minutes=minutes), tick=True)


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour_and_no_longer(client: Client) -> None:
    user = make_user()
    for _ in range(5):
        assert LOCKED not in attempt(client, user.email).content.decode()
    # Even the right password is not checked now, whatever its address.
    assert LOCKED in attempt(client, user.email, PASSWORD).content.decode()
    assert LOCKED in attempt(Client(), user.email, PASSWORD, "10.9.9.9").content.decode()
    assert not is_in(client)
    with after(14.9):
        assert LOCKED in attempt(client, user.email, PASSWORD).content.decode()
    with after(15.1):
        attempt(client, user.email, PASSWORD)
        assert is_in(client)


def test_attempts_during_the_lock_do_not_lengthen_it(client: Client) -> None:
    user = make_user()
    for _ in range(5):
        attempt(client, user.email)
    with after(10):
        for _ in range(20):
            attempt(Client(), user.email, address="10.9.9.9")
    with after(15.5):
        attempt(client, user.email, PASSWORD)
        assert is_in(client)


@pytest.mark.parametrize("most", [3, 7])
def test_the_number_of_failures_is_a_setting(client: Client, settings: Any, most: int) -> None:
    settings.LOGIN_LOCK_AFTER = most
    user = make_user()
    for _ in range(most):
        assert LOCKED not in attempt(client, user.email).content.decode()
    assert LOCKED in attempt(client, user.email).content.decode()


def test_a_locked_attempt_is_refused_before_anything_is_hashed(client: Client) -> None:
    user = make_user()
    for _ in range(5):
        attempt(client, user.email)
    with mock.patch.object(hashers, "check_password", side_effect=AssertionError("hashed")):
        assert LOCKED in attempt(client, user.email, PASSWORD).content.decode()


def test_a_stranger_cannot_shut_the_owner_out() -> None:
    """The owner's own browser has its own count, and a reset by e-mail lifts the lock."""
    user, owner, stranger = make_user(), Client(), Client()
    attempt(owner, user.email, PASSWORD)
    owner.post(reverse("account_logout"))
    for _ in range(8):
        attempt(stranger, user.email, address="10.6.6.6")
    attempt(owner, user.email, PASSWORD)
    assert is_in(owner)
    # Elsewhere the lock holds until the mailbox is proved.
    other = Client()
    assert LOCKED in attempt(other, user.email, PASSWORD, "10.7.7.7").content.decode()
    new = reset(other, user)
    attempt(other, user.email, new, "10.7.7.7")
    assert is_in(other)


def reset(client: Client, user: User, password: str = "Another-good-sentence-1") -> str:
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    page = client.get(link.split("8000", 1)[-1] if "8000" in link else link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})
    return password


def test_a_known_browser_is_throttled_too(client: Client) -> None:
    user = make_user()
    attempt(client, user.email, PASSWORD)
    client.post(reverse("account_logout"))
    for _ in range(5):
        attempt(client, user.email)
    assert LOCKED in attempt(client, user.email, PASSWORD).content.decode()


def test_one_address_may_not_try_all_accounts(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 10
    people = [make_user() for _ in range(12)]
    said = [attempt(Client(), person.email).content.decode() for person in people]
    assert sum(LOCKED in text for text in said) == 2
    assert LOCKED not in attempt(Client(), people[11].email, address="10.2.2.2").content.decode()


def test_the_pair_of_address_and_account_is_throttled_for_longer(client: Client) -> None:
    user = make_user()
    for quarter in range(2):
        with after(16 * quarter):
            for _ in range(5):
                attempt(client, user.email)
    with after(33):
        assert LOCKED in attempt(client, user.email, PASSWORD).content.decode()
        other = Client()
        attempt(other, user.email, PASSWORD, "10.3.3.3")
        assert is_in(other)


def test_counters_hold_no_name_and_no_address() -> None:
    user = make_user()
    attempt(Client(), user.email)
    attempt(Client(), "nobody@school.example")
    for row in Throttle.objects.all():
        assert re.fullmatch("[0-9a-f]{48}", row.key) and "@" not in row.key and "10.1" not in row.key


def test_the_person_is_notified_of_a_lock_once_a_day_and_it_is_recorded() -> None:
    user = make_user()
    for _ in range(5):
        attempt(Client(), user.email)
    with after(16):
        for _ in range(5):
            attempt(Client(), user.email)
    assert Notice.objects.filter(kind="login_locked", recipient=user).count() == 1
    assert AuditEvent.objects.filter(action="login.failed").count() == 8
    assert AuditEvent.objects.filter(action="login.locked").count() == 2


def test_a_claim_is_all_or_nothing() -> None:
    one, two = (throttles.Limit(str(n), 1, timedelta(minutes=15)) for n in range(2))
    throttles.claim([two])
    with pytest.raises(throttles.TooManyAttempts):
        throttles.claim([one, two])
    throttles.claim([one])


def test_log_in_by_the_number_of_a_business_account(client: Client) -> None:
    account = make_account()
    attempt(client, account.number.lower(), PASSWORD)
    assert is_in(client)


def test_a_wrong_person_and_a_wrong_password_get_the_same_response(client: Client) -> None:
    user = make_user()

    def said(login: str) -> str:
        page = attempt(Client(), login).content.decode().replace(login, "")
        return "".join(line for line in page.splitlines() if "csrf" not in line and "Request" not in line)

    assert said(user.email) == said("nobody@school.example") == said("134526-999")


def test_a_reset_returns_the_same_and_mails_either_way(client: Client) -> None:
    user = make_user()
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in (user.email, "nobody@school.example")
    ]
    assert {(a.status_code, a["Location"]) for a in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    assert [m.to for m in mail.outbox] == [[user.email], ["nobody@school.example"]]


def test_a_reset_link_works_once_for_half_an_hour_and_comes_from_the_configured_address(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email}, HTTP_HOST="evil.example")
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    assert link.startswith(settings.SITE_URL) and "evil" not in mail.outbox[-1].body + mail.outbox[-1].subject
    path = link.removeprefix(settings.SITE_URL)
    with after(30.5):
        assert "此連結已使用過或已失效" in Client().get(path, follow=True).content.decode()
    page = client.get(path, follow=True)
    client.post(
        page.redirect_chain[-1][0], {"password1": "One-more-sentence-1", "password2": "One-more-sentence-1"}
    )
    user.refresh_from_db()
    assert user.check_password("One-more-sentence-1")
    assert "此連結已使用過或已失效" in Client().get(path, follow=True).content.decode()


def test_a_reset_ends_every_session_and_every_key() -> None:
    user, thief = make_user(), Client()
    attempt(thief, user.email, PASSWORD)
    key = make_key(user)
    reset(Client(), user)
    assert not is_in(thief)
    assert Client().get("/api/v1/me/light/", headers={"Authorization": f"Token {key}"}).status_code == 401


# --- Sessions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "minutes"), [("teacher", 30), ("operator", 15)])
def test_a_session_ends_after_so_many_idle_minutes(role: str, minutes: int) -> None:
    user = make_operator().user if role == "operator" else make_user()
    client = Client()
    client.force_login(user)
    with after(minutes - 1):
        assert is_in(client)
        client.get("/me/")
    with after(minutes - 1 + minutes + 1):
        answer = client.get("/me/")
        assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))
    assert "閒置" in client.get(answer["Location"]).content.decode()
    assert AuditEvent.objects.filter(action="session.ended", actor_id=user.pk).exists()


def test_a_second_request_under_way_does_not_hide_why_the_session_ended(client: Client) -> None:
    """Two requests of one session: the first ends it, the second knows only the old session and removes its cookie."""
    client.force_login(make_user())
    old = client.cookies[settings.SESSION_COOKIE_NAME].value
    with after(31):
        client.get(reverse("signin:session_left"))
        client.cookies[settings.SESSION_COOKIE_NAME] = old
        answer = client.get("/me/")
        assert "閒置" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("route", "kept"), [("signin:session_left", True), ("hours:attendance_news", True), ("hours:me", False)]
)
def test_a_late_request_of_a_page_does_not_log_out_who_logged_in_again(
    route: str, kept: bool, client: Client
) -> None:
    """A poll of the old session responds after the log-in in another tab: the cookie of the new session stays."""
    client.force_login(make_user())
    old = client.cookies[settings.SESSION_COOKIE_NAME].value
    with after(31):
        client.get("/me/")
        client.cookies[settings.SESSION_COOKIE_NAME] = old
        answer = client.get(reverse(route, args=["4000001"] if "news" in route else []))
    assert (settings.SESSION_COOKIE_NAME not in answer.cookies) is kept


def test_logging_in_forgets_why_the_last_session_ended(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    with after(31):
        client.get("/me/")
        assert "閒置" in client.get(reverse("account_login")).content.decode()
        attempt(client, user.email, PASSWORD)
        assert is_in(client)
        client.logout()
        assert "閒置" not in client.get(reverse("account_login")).content.decode()


def test_an_idle_session_of_exactly_the_limit_is_over(client: Client) -> None:
    client.force_login(make_user())
    with after(29.9):
        assert client.session["seen"] and is_in(client)
    other = Client()
    other.force_login(make_user())
    with after(30):
        assert not is_in(other)


def test_a_session_ends_after_twelve_hours_however_busy(client: Client) -> None:
    client.force_login(make_user())
    for minutes in range(20, 720, 20):
        with after(minutes):
            assert is_in(client)
    with after(721):
        assert not is_in(client)


def test_asking_how_long_is_left_does_not_keep_the_session_alive(client: Client) -> None:
    client.force_login(make_user())
    with after(20):
        assert 590 <= client.get(reverse("signin:session_left")).json()["left"] <= 600
    with after(29):
        assert client.get(reverse("signin:session_left")).json()["left"] <= 60
        assert client.post(reverse("signin:session_left")).json()["left"] >= 1790
    with after(58):
        assert is_in(client)


@pytest.mark.parametrize("route", ["hours:attendance_news", "hours:screen", "jobs:progress"])
def test_what_a_page_fetches_by_itself_does_not_keep_the_session_alive(client: Client, route: str) -> None:
    account, now = make_account(), clock.now()
    job = Job.objects.create(kind="units", owner=account.user, created_at=now, sent_at=now)
    key = {"jobs:progress": job.pk, "hours:screen": "x"}.get(route) or make_course(account).code
    client.force_login(account.user)
    with after(20):
        assert client.get(reverse(route, args=[key])).status_code < 400
    with after(31):
        assert not is_in(client)


def test_ending_an_account_takes_the_hat_at_the_next_request(client: Client) -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    client.force_login(account.user)
    assert client.get("/unit/").status_code == 200
    appointments.end(account=account, by=acting(lead), confirmed=True, reason="調職")
    assert client.get("/unit/").status_code == 403
    assert is_in(client)


def test_suspending_and_deactivating_act_at_the_next_request(client: Client) -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    client.force_login(account.user)
    appointments.suspend(account=account, by=acting(lead), reason="查證")
    assert client.get("/unit/").status_code == 403
    User.objects.filter(pk=account.user_id).update(is_active=False)
    assert not is_in(client)


def test_an_own_session_is_listed_and_ended_from_another(client: Client) -> None:
    user, here, there = make_user(), Client(), Client()
    attempt(here, user.email, PASSWORD)
    attempt(there, user.email, PASSWORD, "10.8.8.8")
    page = here.get(reverse("signin:security"))
    assert "10.8.8.8" in page.content.decode()
    row = next(s for s in page.context["sessions"] if s.ip == "10.8.8.8")
    here.post(reverse("signin:end_session", args=[row.pk]))
    assert is_in(here) and not is_in(there)


def test_a_new_browser_and_two_places_are_notified_listed_and_recorded() -> None:
    account = make_account()
    first, second = Client(), Client()
    attempt(first, account.user.email, PASSWORD)
    assert not Notice.objects.filter(kind="new_device").exists()
    attempt(second, account.user.email, PASSWORD, "10.8.8.8")
    assert Device.objects.filter(user=account.user).count() == 2
    assert Notice.objects.filter(kind="new_device", recipient=account.user).count() == 1
    assert Notice.objects.filter(kind="two_places", recipient=account.user).count() == 1
    assert set(AuditEvent.objects.filter(unit_id=account.unit_id).values_list("action", flat=True)) >= {
        "device.new",
        "session.two_places",
    }
    # The same browser again, alone: nothing new.
    sessions.end_all(account.user, why="test")
    attempt(second, account.user.email, PASSWORD, "10.8.8.8")
    assert Notice.objects.filter(recipient=account.user).count() == 2


def test_next_never_leaves_the_site(client: Client) -> None:
    user = make_user()
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = Client().post(
            reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": target}
        )
        assert answer.status_code == 302 and answer["Location"] == "/"
        client.force_login(user)
        for path in (reverse("switch_hat"), reverse("set_language"), reverse("set_theme")):
            assert (
                "evil"
                not in client.post(path, {"next": target, "language": "en", "theme": "dark"})["Location"]
            )
        assert "evil" not in client.get(reverse("signin:ready") + f"?next={target}").get("Location", "")
