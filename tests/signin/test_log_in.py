"""Logging in with e-mail and password; imported people set their first password by e-mail."""

import re
from typing import Any

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("email", ["person@school.example", "PERSON@school.example"])
def test_a_person_logs_in_by_email_in_any_case(client: Client, email: str) -> None:
    make_user(email="person@school.example")
    answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert answer.url == "/" and client.get("/me/").status_code == 200
    client.post(reverse("account_logout"))
    assert client.get("/me/").status_code == 302


def test_a_wrong_password_is_said_without_saying_who_exists(client: Client) -> None:
    make_user(email="person@school.example")
    said = [
        re.findall(
            r"<li>(.*?)</li>",
            client.post(reverse("account_login"), {"login": who, "password": "wrong"}).content.decode(),
        )[-1]
        for who in ("person@school.example", "nobody@school.example")
    ]
    assert said[0] == said[1]


def test_nobody_signs_up_alone(client: Client) -> None:
    form = {"email": "x@x.example", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), form)
    from accounts.models import User

    assert not User.objects.exists()
    assert client.get(reverse("account_signup")).status_code == 200


def test_a_person_imported_without_a_password_gets_one_by_mail(client: Client, mailoutbox: Any) -> None:
    user = make_user(email="new@school.example")
    user.set_unusable_password()
    user.save()
    client.post(reverse("account_reset_password"), {"email": "new@school.example"})
    link = re.search(r"http://\S+", mailoutbox[0].body).group(0)  # type: ignore[union-attr]
    page = client.get(link, follow=True)
    form = {"password1": "brand-new-pass-phrase", "password2": "brand-new-pass-phrase"}
    client.post(page.request["PATH_INFO"], form)
    assert (
        client.post(reverse("account_login"), {"login": user.email, "password": form["password1"]}).url == "/"
    )


def test_the_page_shows_newcomers_where_the_first_password_comes_from(client: Client) -> None:
    assert "第一次登入" in client.get(reverse("account_login")).content.decode()


def test_the_rules_of_a_new_password_address_the_person_politely() -> None:
    with translation.override("zh-hant"):
        rules = password_validators_help_texts()
    assert any("您" in rule for rule in rules) and not any("你" in rule for rule in rules)


def test_a_person_who_has_left_cannot_log_in(client: Client) -> None:
    make_user(email="left@school.example", is_active=False)
    client.post(reverse("account_login"), {"login": "left@school.example", "password": PASSWORD})
    assert client.get("/me/").status_code == 302


def test_every_response_has_the_policy_and_a_request_id(client: Client) -> None:
    answer = client.get("/catalogue/")
    assert (
        "default-src 'none'" in answer["Content-Security-Policy"]
        and "unsafe" not in answer["Content-Security-Policy"]
    )
    assert len(answer["X-Request-ID"]) == 32 and answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/nothing/", "/catalogue/0000000/", "/help/nothing/", "/help/shots/nothing.png"]
)
def test_unknown_pages_answer_404_with_a_request_id(client: Client, path: str) -> None:
    client.force_login(make_user())
    answer = client.get(path)
    assert answer.status_code == 404 and answer["X-Request-ID"] in answer.content.decode()


def test_without_issuers_the_page_takes_no_query(client: Client, django_assert_num_queries: Any) -> None:
    client.get(reverse("account_login"))  # fills the cache of the announcements
    with django_assert_num_queries(0):
        assert client.get(reverse("account_login")).status_code == 200


def test_the_page_after_a_mail_of_confirmation_names_no_registration(client: Client) -> None:
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert "確認您的電子郵件" in page and "註冊" not in page
