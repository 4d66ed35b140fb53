"""Throttles that keep guessers out and let the owner in; guesses inside a session; and how long one really has to wait."""

import math
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from kit import clock
from notices.models import Notice
from tests.factories import PASSWORD, make_user
from tests.security.test_doors import code_of, with_app
from tests.signin.test_login_locks_and_sessions import LOCKED, after, attempt, is_in, reset

pytestmark = pytest.mark.django_db
SCHOOL, STRANGER = "10.1.1.1", "10.6.6.6"
NEW = "A-new-sentence-of-mine-1"


def known_browser(user: User) -> Client:
    """A browser in which the person has logged in before, and out."""
    client = Client()
    attempt(client, user.email, PASSWORD)
    client.post(reverse("account_logout"))
    assert not is_in(client)
    return client


def said(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def minutes_told(answer: Any) -> int:
    found = re.search(r"(\d+) ?分鐘", said(answer))
    assert found, "no time is told"
    return int(found[1])


# --- A school is one address -----------------------------------------------------------------------------------------
def test_invented_log_ins_from_a_school_shut_out_no_known_browser(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 20
    user = make_user()
    mine = known_browser(user)
    for number in range(25):
        attempt(Client(), f"invented{number}@school.example")
    assert LOCKED in said(attempt(Client(), user.email, PASSWORD))
    attempt(mine, user.email, PASSWORD)
    assert is_in(mine)


def test_invented_log_ins_from_a_school_shut_out_nobody_who_has_reset_the_password(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 20
    user, browser = make_user(), Client()
    for number in range(25):
        attempt(Client(), f"invented{number}@school.example", address="127.0.0.1")
    new = reset(browser, user)
    another = Client()
    attempt(another, user.email, new, "127.0.0.1")
    assert is_in(another)
    with after(61):
        third = Client()
        for number in range(25):
            attempt(Client(), f"more{number}@school.example", address="127.0.0.1")
        assert LOCKED in said(attempt(third, user.email, new, "127.0.0.1"))
        attempt(browser, user.email, new, "127.0.0.1")
        assert is_in(browser)


def test_the_limit_of_an_address_opens_again_however_busy_the_school_is(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 5
    user = make_user()
    for minute in range(0, 30, 4):
        with after(minute):
            attempt(Client(), f"invented{minute}@school.example")
    with after(31):
        client = Client()
        attempt(client, user.email, PASSWORD)
        assert is_in(client)


def test_ten_failures_at_one_address_do_not_shut_out_the_owners_known_browser() -> None:
    user = make_user()
    mine = known_browser(user)
    for quarter in range(3):
        with after(16 * quarter):
            for _ in range(5):
                attempt(Client(), user.email)
    with after(33):
        assert LOCKED in said(attempt(Client(), user.email, PASSWORD))
        attempt(mine, user.email, PASSWORD)
        assert is_in(mine)


def test_a_known_browser_may_not_guess_for_long_either() -> None:
    user = make_user()
    browser, tried = known_browser(user), 0
    for quarter in range(3):
        with after(16 * quarter):
            tried += sum(LOCKED not in said(attempt(browser, user.email)) for _ in range(5))
    assert tried == 10


# --- Links to reset the password -------------------------------------------------------------------------------------
def ask_for_link(client: Client, email: str, address: str) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email}, REMOTE_ADDR=address)


def test_a_strangers_resets_leave_the_owner_one() -> None:
    user = make_user()
    mine = known_browser(user)
    for _ in range(7):
        ask_for_link(Client(), user.email, STRANGER)
    assert len(mail.outbox) == 5
    ask_for_link(Client(), user.email, SCHOOL)
    assert len(mail.outbox) == 6
    assert ask_for_link(mine, user.email, STRANGER).status_code == 302
    assert len(mail.outbox) == 7


def test_a_refused_reset_says_the_true_time_and_discloses_no_account() -> None:
    user = make_user()
    for email in (user.email, "nobody@school.example"):
        for _ in range(5):
            assert ask_for_link(Client(), email, STRANGER).status_code == 302
    with after(20):
        pages = [ask_for_link(Client(), email, STRANGER) for email in (user.email, "nobody@school.example")]
    assert [minutes_told(page) for page in pages] == [40, 40]


def test_invented_mailboxes_use_up_no_mails_and_shut_out_no_school() -> None:
    user = make_user()
    for number in range(80):
        assert ask_for_link(Client(), f"invented{number}@elsewhere.example", SCHOOL).status_code == 302
    assert len(mail.outbox) == 60
    ask_for_link(Client(), user.email, SCHOOL)
    assert mail.outbox[-1].to == [user.email]


# --- Guesses inside a session ----------------------------------------------------------------------------------------
def change_password(client: Client, old: str) -> Any:
    return client.post(
        reverse("account_change_password"), {"oldpassword": old, "password1": NEW, "password2": NEW}
    )


def confirm(client: Client, password: str) -> Any:
    return client.post(reverse("account_reauthenticate"), {"password": password})


@pytest.mark.parametrize("guess", [change_password, confirm])
def test_password_guesses_inside_a_stolen_session_lock_and_are_recorded(guess: Any) -> None:
    user = make_user()
    mine, thief = known_browser(user), Client()
    thief.force_login(user)
    for number in range(5):
        guess(thief, f"guess-{number}")
    assert LOCKED in said(guess(thief, PASSWORD))
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    events = AuditEvent.objects.filter(action__in=["login.failed", "login.locked"], object_id=str(user.pk))
    assert events.count() == 5 and all(event.after.get("where") for event in events)
    assert Notice.objects.filter(kind="login_locked", recipient=user).count() == 1
    # The log-in in a browser that is not known is locked as well; the owner's own browser is not.
    assert LOCKED in said(attempt(Client(), user.email, PASSWORD, STRANGER))
    attempt(mine, user.email, PASSWORD)
    assert is_in(mine)


@pytest.mark.parametrize("guess", [change_password, confirm])
def test_guesses_in_the_owners_own_browser_lock_the_account_elsewhere_too(guess: Any) -> None:
    user, browser = make_user(), Client()
    attempt(browser, user.email, PASSWORD)
    for number in range(5):
        guess(browser, f"guess-{number}")
    assert LOCKED in said(guess(browser, PASSWORD))
    assert LOCKED in said(attempt(Client(), user.email, PASSWORD, STRANGER))


def test_failures_of_others_do_not_keep_the_owner_from_confirming() -> None:
    user, browser = make_user(), Client()
    attempt(browser, user.email, PASSWORD)
    for _ in range(6):
        attempt(Client(), user.email, address=STRANGER)
    assert confirm(browser, PASSWORD).status_code == 302


def test_confirming_works_for_a_person_whose_mailbox_is_not_proved() -> None:
    """And counts for this person, not for everybody without one."""
    user, browser = make_user(), Client()
    user.emailaddress_set.all().delete()
    browser.force_login(user)
    for number in range(4):
        confirm(browser, f"guess-{number}")
    other = make_user()
    other.emailaddress_set.all().delete()
    theirs = Client()
    theirs.force_login(other)
    for number in range(3):
        confirm(theirs, f"guess-{number}")
    assert confirm(theirs, PASSWORD).status_code == 302
    assert confirm(browser, PASSWORD).status_code == 302


def test_codes_guessed_inside_a_session_lock_and_are_recorded() -> None:
    user, secret = with_app(make_user())
    client = Client()
    client.force_login(user)
    page = reverse("mfa_reauthenticate")
    for guess in range(5):
        client.post(page, {"code": f"{guess:06d}"})
    refused = client.post(page, {"code": code_of(secret)})
    assert refused.status_code == 200 and minutes_told(refused) == 15
    assert AuditEvent.objects.filter(action="mfa.failed").count() == 5
    assert AuditEvent.objects.filter(action="login.locked", after__where="second step").count() == 1
    with after(15.1):
        assert client.post(page, {"code": code_of(secret)}).status_code == 302


def test_a_right_password_does_not_give_back_wrong_codes() -> None:
    user, _secret = with_app(make_user())
    codes = RecoveryCodes.activate(user).get_unused_codes()
    for guess in range(6):
        client = Client()
        attempt(client, user.email, PASSWORD, STRANGER)
        client.post(reverse("mfa_authenticate"), {"code": f"{guess:06d}"}, REMOTE_ADDR=STRANGER)
    assert (
        client.post(reverse("mfa_authenticate"), {"code": codes[0]}, REMOTE_ADDR=STRANGER).status_code == 200
    )
    assert not is_in(client)


# --- The true time ---------------------------------------------------------------------------------------------------
def test_the_sentence_names_the_time_that_is_left() -> None:
    user = make_user()
    for quarter in range(2):
        with after(16 * quarter):
            for _ in range(5):
                attempt(Client(), user.email)
            assert minutes_told(attempt(Client(), user.email, PASSWORD)) == (15, 60)[quarter]
    with after(16 + 22.5):
        # The account is open again; the pair of address and account is not.
        assert minutes_told(attempt(Client(), user.email, PASSWORD)) == math.ceil(60 - 22.5)


def test_the_time_shown_is_enough() -> None:
    user = make_user()
    for _ in range(5):
        attempt(Client(), user.email)
    with after(3.2):
        told = minutes_told(attempt(Client(), user.email, PASSWORD))
    with after(3.2 + told):
        client = Client()
        attempt(client, user.email, PASSWORD)
        assert is_in(client)
    assert timedelta(minutes=told) < timedelta(minutes=13) and clock.now()
