"""Refusals of the API that no program of good will meets."""

import io
from typing import Any

import pytest
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.fields import Field
from rest_framework.test import APIClient

from api.fields import FILLED, FlagField, HoursField, TextField, WordsField
from api.pagination import Cursor, Key
from api.parsers import JSONParser
from api.problems import InvalidQuery
from tests.api.client import api
from tests.factories import make_account, make_course, make_enrolment, make_key, make_user


@pytest.mark.django_db
def test_a_key_that_was_not_made_for_business_accounts_acts_through_none() -> None:
    client, user = APIClient(), make_account().user
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_key(user, for_business=False)}")
    answer = client.get("/api/v1/unit/light/")
    assert (answer.status_code, answer.json()["code"]) == (403, "NoSecondFactor")


@pytest.mark.django_db
def test_the_account_of_another_person_is_refused_as_such() -> None:
    answer = api(make_account().user, make_account().number).get("/api/v1/unit/light/")
    assert (answer.status_code, answer.json()["code"]) == (403, "NotYourAccount")


@pytest.mark.django_db
def test_a_person_who_is_marked_twice_closes_nothing() -> None:
    course = make_course(ago=2)
    mark = {"enrolment": make_enrolment(course).pk, "state": "attended", "hours": "3"}
    path = f"/api/v1/unit/courses/{course.code}/close/"
    answer = api(course.handler.user).post(path, {"request_key": "k", "marks": [mark, mark]}, format="json")
    assert answer.status_code == 400 and "marks" in str(answer.json()["errors"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [("/api/v1/unit/light/", "業務帳號"), ("/api/v1/county/lights/", "縣市承辦人及平臺管理者")],
)
def test_a_person_without_the_role_reads_whom_the_address_is_for(path: str, words: str) -> None:
    answer = api(make_user()).get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "NeedsBusinessAccount")
    assert words in answer.json()["detail"]


@pytest.mark.django_db
def test_an_objection_of_invisible_characters_says_nothing() -> None:
    course = make_course(ago=2)
    answer = api(make_user()).post(
        f"/api/v1/courses/{course.code}/object/", {"text": "\u200b\u3164"}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "NoObjection")


def test_what_people_read_is_stored_as_the_pages_store_it() -> None:
    assert WordsField(FILLED).run_validation("\u202e\ufeff缺\uffff 3 小時\r\n") == "缺 3 小時"
    with pytest.raises(ValidationError):
        WordsField(FILLED, max_length=3).run_validation("\u0958" * 2)


def test_a_cursor_of_a_list_with_another_order_is_refused() -> None:
    """An earlier release ordered the list by other keys."""
    text = Cursor([7]).sealed("list")
    assert Cursor.opened(text, "list", [Key("id")]) == Cursor([7])
    with pytest.raises(InvalidQuery):
        Cursor.opened(text, "list", [Key("day"), Key("id")])


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ParseError):
        JSONParser().parse(io.BytesIO(b"[" * 200_000), "application/json", {})


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        (TextField(FILLED), "0", 0),
        (FlagField(), True, "true"),
        (HoursField(), "1.5", ""),
        (HoursField(), 2, "1_0"),
        (HoursField(), "0", -1),
    ],
)
def test_a_value_of_another_type_is_refused(field: Field[Any, Any, Any, Any], right: Any, wrong: Any) -> None:
    field.run_validation(right)
    with pytest.raises(ValidationError):
        field.run_validation(wrong)
