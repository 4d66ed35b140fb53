"""Bodies and counters that are larger than anything the site takes are refused before they cost anything."""

from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from courses.forms import course as course_forms
from tests.factories import make_account, make_key, make_operator, make_user
from tests.hours.test_pages import course_form

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
MULTIPART, JSON, FORM = (
    "multipart/form-data; boundary=x",
    "application/json",
    "application/x-www-form-urlencoded",
)


class Unread:
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(client: Client, path: str, megabytes: float, content_type: str, **extra: Any) -> int:
    client.raise_request_exception = False
    body = {
        "wsgi.input": Unread(),
        "CONTENT_LENGTH": str(int(megabytes * MEGABYTE)),
        "CONTENT_TYPE": content_type,
    }
    return int(client.request(PATH_INFO=path, REQUEST_METHOD="POST", **body, **extra).status_code)


def signed(user: Any) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.get("/theme/")
    return client


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/operator/import/people/", "/catalogue/", "/theme/", "/person/accounts/apply/"],
)
def test_a_visitors_upload_is_refused_unread(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    assert send(client, path, 100, MULTIPART) == 413


@pytest.mark.parametrize(("who", "megabytes"), [("teacher", 5), ("handler", 100), ("operator", 100)])
def test_a_persons_upload_past_every_form_is_refused_unread_and_recorded(who: str, megabytes: int) -> None:
    user = {
        "teacher": make_user,
        "handler": lambda: make_account().user,
        "operator": lambda: make_operator().user,
    }[who]()
    assert send(signed(user), "/person/accounts/apply/", megabytes, MULTIPART) == 413
    assert AuditEvent.objects.filter(action="refused.bad_request", actor_id=user.pk).count() == 1


@pytest.mark.parametrize("content_type", [JSON, FORM, "text/plain", ""])
def test_a_large_body_of_another_kind_is_refused_unread(content_type: str) -> None:
    handler = make_account()
    key = make_key(handler.user)
    path = "/api/v1/unit/courses/4000001/close/"
    assert send(Client(), path, 20, content_type, HTTP_AUTHORIZATION=f"Token {key}") == 413
    assert send(Client(), "/accounts/login/", 20, content_type) == 413


def test_the_operators_list_may_be_large() -> None:
    client = signed(make_operator().user)
    client.get("/operator/import/people/")
    with pytest.raises(AssertionError, match="was read"):
        body = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(50 * MEGABYTE), "CONTENT_TYPE": MULTIPART}
        client.request(PATH_INFO="/operator/import/people/", REQUEST_METHOD="POST", **body)


# --- Rows of a form --------------------------------------------------------------------------------------------------
def every_formset() -> list[Any]:
    def below(kind: Any) -> list[Any]:
        return [each for child in kind.__subclasses__() for each in (child, *below(child))]

    assert course_forms
    return [
        kind
        for kind in below(forms.BaseFormSet)
        if hasattr(kind, "absolute_max") and "courses" in kind.__module__ + kind.form.__module__
    ]


def test_no_formset_builds_more_rows_than_one_past_its_maximum() -> None:
    found = every_formset()
    assert len(found) >= 2
    assert all(kind.absolute_max <= kind.max_num + 1 and kind.validate_max for kind in found)


@pytest.mark.parametrize("group", ["sessions", "instructors"])
@pytest.mark.parametrize("counter", ["1000", "100000", "9" * 40])
def test_a_counter_of_rows_past_the_maximum_gets_a_sentence_on_a_page_of_ordinary_size(
    group: str, counter: str
) -> None:
    client = Client()
    client.force_login(make_account().user)
    for path in (reverse("courses:register"), reverse("courses:registration_checks")):
        answer = client.post(path, course_form(**{f"{group}-TOTAL_FORMS": counter}))
        assert answer.status_code == 200 and len(answer.content) < 500_000
    assert (
        "alert-danger"
        in client.post(
            reverse("courses:register"), course_form(**{f"{group}-TOTAL_FORMS": counter})
        ).content.decode()
    )
