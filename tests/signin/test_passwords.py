"""Password policies: whom each applies to, and its requirements."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from kit import clock
from signin.forms.passwords import ResetPasswordKeyForm
from signin.passwords import kinds_of, profile_of
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def faults(password: str, user: Any) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return list(error.messages)
    return []


def test_the_holder_of_a_business_account_follows_the_strict_policy_a_teacher_the_other() -> None:
    assert profile_of(make_account().user).name == "tw-gov" and profile_of(make_user()).name == "asvs"
    ended = make_account(valid_until=clock.today() - timedelta(days=1))
    assert profile_of(ended.user).name == "asvs"


@pytest.mark.parametrize("name", ["account_change_password", "account_set_password"])
def test_the_page_says_what_the_persons_own_policy_wants(client: Client, name: str) -> None:
    holder, teacher = make_account().user, make_user()
    for person in (holder, teacher):
        if name == "account_set_password":
            person.set_unusable_password()
            person.save()
        client.force_login(person)
        page = client.get(reverse(name)).content.decode()
        assert "至少 12 個字元" in page
        assert ("至少 3 類" in page and "最近 3 次" in page) is (person == holder)


def test_the_link_of_a_reset_says_so_too() -> None:
    form = ResetPasswordKeyForm(user=make_account().user)
    assert "四類" in str(form["password1"].help_text)


def test_a_teacher_needs_length_only_a_holder_three_kinds_of_four() -> None:
    sentence = "我喜歡每天早上喝一杯熱咖啡"
    assert not faults(sentence, make_user())
    holder = make_account().user
    assert faults("correcthorsebattery", holder) and faults(sentence, holder)
    assert not faults("Correct-horse-7-battery", holder)


@pytest.mark.parametrize("password", ["short-A1", "password1234", "1234567890123"])
def test_short_and_common_ones_are_refused_for_everybody(password: str) -> None:
    assert faults(password, make_user()) and faults(password, make_account().user)


def test_at_most_128_characters_so_that_nobody_makes_the_server_hash_a_book() -> None:
    assert faults("Aa1-" * 40, make_account().user)


def test_not_one_of_the_last_three() -> None:
    user = make_account().user
    olds = [f"Good-old-sentence-{n}" for n in range(4)]
    for old in olds:
        user.set_password(old)
        user.save()
    assert [bool(faults(old, user)) for old in olds] == [False, True, True, True]


def test_kinds_of_characters() -> None:
    assert [kinds_of(p) for p in ("abc", "aB", "aB3", "aB3!", "中文")] == [1, 2, 3, 4, 1]


def test_after_ninety_days_the_business_hat_waits_for_a_new_password(client: Client) -> None:
    account = make_account()
    for days, status in ((89, 200), (91, 302)):
        with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(days=days), tick=True):
            client.force_login(account.user)
            answer = client.get("/unit/")
            assert answer.status_code == status
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(days=91), tick=True):
        client.force_login(account.user)
        assert "更換密碼" in client.get("/person/ready/").content.decode()
        assert client.get("/me/").status_code == 200
        account.user.set_password("A-new-sentence-of-mine-1")
        account.user.save()
        client.force_login(account.user)
        assert client.get("/unit/").status_code == 200
