"""Errors of the API: problem details (RFC 9457) in the caller's language, whatever layer raised the error."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from rest_framework.test import APIClient

from hours.errors import TooManyLookUps
from kit.problems import CONTENT_TYPE
from tests.api.client import api
from tests.factories import make_account, make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def read(answer: HttpResponseBase, status: int) -> Any:
    """Return the problem after checking what every problem has."""
    body = json.loads(answer.getvalue())
    assert (answer.status_code, answer["Content-Type"]) == (status, CONTENT_TYPE), body
    assert body["status"] == status and body["title"] and body["detail"] and body["code"]
    assert body["instance"] == f"urn:uuid:{_dashed(answer['X-Request-ID'])}"
    assert body["request_id"] == answer["X-Request-ID"]
    return body


def _dashed(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def test_a_refusal_has_a_type_of_its_own_and_the_rules_sentence() -> None:
    person, course = make_user(), make_course()
    make_enrolment(course, person)
    body = read(api(person).post(f"/api/v1/courses/{course.code}/enrol/"), 409)
    assert (body["type"], body["code"]) == ("tag:inservice,2026:AlreadyEnrolled", "AlreadyEnrolled")
    assert "errors" not in body


def test_without_a_key_the_response_says_how_to_authenticate() -> None:
    answer = APIClient().get("/api/v1/me/light/")
    assert read(answer, 401)["type"] == "about:blank" and answer["WWW-Authenticate"] == "Token"


def test_a_wrong_key_is_no_visitor() -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token ist_wrong")
    read(client.get("/api/v1/courses/"), 401)


def test_each_of_the_frameworks_errors_is_a_problem() -> None:
    handler = make_account()
    client, course = api(handler.user), make_course(handler, ago=2)
    close = f"/api/v1/unit/courses/{course.code}/close/"
    read(api(make_user()).get("/api/v1/unit/courses/"), 403)
    read(client.get("/api/v1/courses/nope/"), 404)
    read(client.get("/api/v1/nothing/"), 404)
    wrong_method = client.delete("/api/v1/courses/")
    read(wrong_method, 405)
    assert "GET" in wrong_method["Allow"]
    read(client.get("/api/v1/courses/", headers={"Accept": "application/xml"}), 406)
    read(
        client.post(
            close, b"[" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), content_type="application/json"
        ),
        413,
    )
    read(client.post(close, "a=1", content_type="application/x-www-form-urlencoded"), 415)
    read(client.post(close, "{", content_type="application/json"), 400)
    read(client.get("/api/v1/unit/courses/", headers={"User-Agent": "a\0b"}), 400)


@pytest.mark.parametrize("path", ["/api/v1/docs/", "/api/v1/schema/"])
def test_the_description_refuses_as_a_problem_whatever_it_is_written_in(path: str) -> None:
    read(APIClient().post(path), 405)
    read(APIClient().get(path, headers={"Accept": "application/xml"}), 406)


def test_a_cross_site_post_with_a_session_is_refused_as_a_problem() -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_user())
    read(client.post(f"/api/v1/courses/{make_course().code}/enrol/"), 403)


def test_a_fault_is_a_problem_without_a_word_of_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("SECRET")

    monkeypatch.setattr("api.views.me.teacher_light", fail)
    client = api(make_user())
    client.raise_request_exception = False
    assert "SECRET" not in json.dumps(read(client.get("/api/v1/me/light/"), 500))


def test_the_limit_of_a_day_says_when_the_next_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise TooManyLookUps(most=30)

    monkeypatch.setattr("api.views.unit.close_course", refuse)
    course = make_course(ago=2)
    answer = api(course.handler.user).post(
        f"/api/v1/unit/courses/{course.code}/close/", {"request_key": "k", "marks": []}, format="json"
    )
    read(answer, 429)
    # 09:00 in Taipei: fifteen hours to midnight.
    assert 14 * 3600 < int(answer["Retry-After"]) <= 15 * 3600


def test_wrong_fields_are_named_by_their_place_in_the_body() -> None:
    course = make_course(ago=2)
    body = {
        "request_key": "",
        "marks": [{"enrolment": 1, "state": "attended"}, {"enrolment": 2, "state": "x"}],
    }
    answer = api(course.handler.user).post(f"/api/v1/unit/courses/{course.code}/close/", body, format="json")
    problem = read(answer, 400)
    assert problem["code"] == "Invalid"
    assert {error["pointer"] for error in problem["errors"]} == {"#/request_key", "#/marks/1/state"}
    assert all(error["detail"] and error["code"] for error in problem["errors"])


def test_an_identity_number_that_was_sent_is_masked_in_the_response() -> None:
    course = make_course(ago=2)
    marks = [{"enrolment": 1, "state": "A123456789"}]
    answer = api(course.handler.user).post(
        f"/api/v1/unit/courses/{course.code}/close/", {"request_key": "k", "marks": marks}, format="json"
    )
    assert read(answer, 400) and "A123456789" not in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/courses/?page=2", "page"),
        ("/api/v1/courses/?sort=new", "sort"),
        ("/api/v1/me/light/?page=2", "page"),
        ("/api/v1/unit/courses/?year=abc", "year"),
        ("/api/v1/unit/courses/?year=0", "year"),
        ("/api/v1/unit/courses/?year=2026", "year"),
        ("/api/v1/unit/courses/?year=", "year"),
        ("/api/v1/unit/courses/?year=1_1", "year"),
        ("/api/v1/unit/courses/?state=moon", "state"),
        ("/api/v1/courses/?county=x", "county"),
    ],
)
def test_an_unknown_parameter_and_a_wrong_value_are_refused_by_name(path: str, name: str) -> None:
    problem = read(api(make_account().user).get(path), 400)
    assert [error["parameter"] for error in problem["errors"]] == [name]


# --- The caller's language ---------------------------------------------------------------------------------------------
def detail(client: APIClient, path: str = "/api/v1/courses/nope/", language: str = "") -> str:
    headers = {"Accept-Language": language} if language else {}
    return str(client.get(path, headers=headers).json()["title"])


@pytest.mark.parametrize("path", ["/api/v1/courses/nope/", "/api/v1/nothing/"])
def test_a_visitor_reads_the_requested_language(path: str) -> None:
    assert detail(APIClient(), path, "en") == "Not found"
    assert detail(APIClient(), path, "zh-TW") == detail(APIClient(), path) == "找不到"


def test_a_person_reads_the_requested_language_or_else_the_own_one() -> None:
    person = make_user(language="en")
    assert detail(api(person)) == detail(api(person), language="fr") == "Not found"
    assert detail(api(person), language="zh-TW,en;q=0.5") == "找不到"
    browser = APIClient()
    browser.force_login(person)
    assert detail(browser, language="zh-TW") == "找不到"


# --- The addresses before version 1 -------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_an_old_address_leads_to_version_1_in_every_method(method: str) -> None:
    answer = APIClient(enforce_csrf_checks=True).generic(
        method, "/api/unit/courses/?year=115&state=%E2%98%83"
    )
    assert answer.status_code == 308
    assert answer["Location"] == "/api/v1/unit/courses/?year=115&state=%E2%98%83"


def test_an_old_address_of_a_person_with_a_session_leads_on_too() -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_user())
    assert client.post("/api/courses/4000001/enrol/")["Location"] == "/api/v1/courses/4000001/enrol/"


@pytest.mark.parametrize("path", ["/api//evil.example/", "/api/https://evil.example/"])
def test_an_old_address_never_leads_to_another_site(path: str) -> None:
    answer = APIClient().get(path)
    assert (
        answer.status_code == 308
        and answer["Location"].startswith("/api/v1/")
        and "\r" not in answer["Location"]
    )


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/nothing/"])
def test_an_address_of_version_1_is_no_old_one(path: str) -> None:
    read(APIClient().get(path), 404)


def test_a_post_that_follows_an_old_address_acts_once() -> None:
    person, course = make_user(), make_course()
    answer = api(person).post(f"/api/courses/{course.code}/enrol/", follow=True)
    assert answer.status_code == 201 and answer.json()["state"] == "admitted"
