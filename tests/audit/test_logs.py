"""Log lines are JSON, carry the request's id and hold no secret and no national ID."""

import json
import logging
import secrets
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from audit.logs import RequestIdFilter, ScrubbedJsonFormatter, scrub
from tests.factories import make_user
from tests.security.matrix import routes

ID = "A123456789"


def line(message: str, *args: Any, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("t", logging.INFO, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    RequestIdFilter().filter(record)
    form = ScrubbedJsonFormatter("{levelname}{name}{message}{request_id}", style="{")
    return dict(json.loads(form.format(record)))


@pytest.mark.parametrize(
    "text",
    [
        f"person {ID} imported",
        "password=hunter2-hunter2",
        '{"password1": "hunter2-hunter2"}',
        "Authorization: Token ist_hunter2-hunter2",
        "Cookie: sessionid=hunter2-hunter2; csrftoken=hunter2-hunter2",
        "GET /accounts/password/reset/key/1-hunter2-hunter2/",
        "GET /accounts/confirm-email/hunter2-hunter2/",
        "?code=hunter2-hunter2&state=x",
    ],
)
def test_secrets_and_national_ids_do_not_reach_a_line(text: str) -> None:
    assert "hunter2" not in scrub(text) and ID not in scrub(text)
    assert "hunter2" not in json.dumps(line(text)) and ID not in json.dumps(line("x", data={"deep": [text]}))


def test_the_mask_keeps_what_the_page_shows_and_plain_text_stays() -> None:
    assert scrub(f"person {ID} imported") == "person A12345**** imported"
    assert scrub("course 11504-0001 closed, 12 people") == "course 11504-0001 closed, 12 people"


def test_the_request_object_never_reaches_a_line() -> None:
    assert "request" not in line("x", request="<WSGIRequest with cookies>")


@pytest.mark.django_db
def test_one_line_a_request_with_route_and_person_and_without_query(client: Client, caplog: Any) -> None:
    user = make_user()
    client.force_login(user)
    with caplog.at_level(logging.INFO, "audit.request"):
        answer = client.get(reverse("accounts:my_record"), {"who": "王小明"})
    record = [r for r in caplog.records if r.name == "audit.request"][-1]
    assert (record.method, record.route, record.status, record.person) == (
        "GET",
        "accounts:my_record",
        200,
        user.pk,
    )
    assert "王小明" not in str(record.__dict__) and answer["X-Request-ID"]


def test_no_address_that_opens_something_reaches_a_line() -> None:
    # The routes whose address holds a random or signed text.
    secret = {name: {"token", "key"} & set(parts) for name, parts in routes().items() if ":" in name}
    found = [(name, key) for name, keys in secret.items() for key in keys]
    assert {"hours:screen", "hours:scan", "courses:feed", "notices:unsubscribe"} <= {
        name for name, _key in found
    }
    for text in (secrets.token_urlsafe(24), signing.dumps([1, "in"]), signing.Signer().sign("7-in-117")):
        for name, key in found:
            path = reverse(name, kwargs={key: text})
            assert text not in scrub(f"Internal Server Error: {path}"), name
    kept = "/unit/courses/134526-115-0001/close/ /opt/inservice/courses/actions/participant_look_ups.py"
    assert scrub(kept) == kept
