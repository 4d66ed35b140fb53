"""Files at fixed addresses, for everybody and without a session."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from kit import clock

pytestmark = pytest.mark.django_db
PATHS = ["/favicon.ico", "/robots.txt", "/.well-known/security.txt"]


@pytest.mark.parametrize("path", PATHS)
def test_anybody_may_fetch_it_and_only_fetch_it(path: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().get(path)
    assert answer.status_code == 200 and not answer.cookies
    assert Client().post(path).status_code in (403, 405)


def test_the_icon_is_an_icon() -> None:
    answer: Any = Client().get("/favicon.ico")
    assert answer["Content-Type"] == "image/x-icon"
    assert b"".join(answer.streaming_content)[:4] == b"\0\0\1\0"


def test_search_engines_find_the_catalogue_and_nothing_behind_the_log_in() -> None:
    lines = Client().get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *" and lines[-1] == "Disallow: /"
    assert "Allow: /catalogue/" in lines and "Allow: /help/" in lines
    assert lines.index("Disallow: /catalogue/*?") < lines.index("Allow: /catalogue/")
    assert len([line for line in lines if line.startswith("Allow:")]) == 3


def test_a_weakness_is_reported_to_the_contact(settings: Any) -> None:
    settings.OPERATOR_CONTACT = {**settings.OPERATOR_CONTACT, "mail": "help@site.example"}
    settings.SITE_URL = "https://site.example"
    text = Client().get("/.well-known/security.txt").content.decode()
    facts = dict(line.split(": ", 1) for line in text.splitlines())
    assert facts["Contact"] == "mailto:help@site.example"
    assert facts["Canonical"] == "https://site.example/.well-known/security.txt"
    until = datetime.fromisoformat(facts["Expires"])
    assert clock.now() + timedelta(days=30) < until < clock.now() + timedelta(days=365)
