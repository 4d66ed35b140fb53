"""What a key of a business account may do, and how many requests are taken."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.actions.appointments import end
from accounts.enums import KeyScope
from accounts.errors import NotYourAccount
from accounts.models import ApiToken, BusinessAccount
from kit import clock
from signin.actions import tokens
from tests.factories import PASSWORD, acting, make_account, make_course, make_lead, make_user
from tests.signin.test_login_locks_and_sessions import attempt

pytestmark = pytest.mark.django_db
LIGHT, SHEET, COURSES, MINE = (
    "/api/v1/unit/light/",
    "/api/v1/unit/courses/{}/sheet/",
    "/api/v1/courses/",
    "/api/v1/me/light/",
)


def client_of(account: BusinessAccount, scope: str = KeyScope.ACT) -> APIClient:
    _token, text = tokens.make(by=acting(account), name="差勤系統", account=account, scope=scope)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
    return client


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_a_key_of_an_account_acts_at_its_unit_alone() -> None:
    first = make_account()
    second = make_account(user=first.user)
    client = client_of(second)
    assert client.get(LIGHT).json()["unit_code"] == second.unit.code
    answer = client.get(LIGHT, HTTP_X_BUSINESS_ACCOUNT=first.number)
    assert code(answer) == (403, "NotYourAccount")
    course = make_course(first)
    assert client.get(SHEET.format(course.code)).status_code == 404


def test_a_key_of_an_account_ends_with_it() -> None:
    account = make_account()
    make_account(account.unit)
    client = client_of(account)
    assert client.get(LIGHT).status_code == 200
    end(account=account, by=acting(make_lead(account.unit)))
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert client.get(LIGHT).status_code == client.get(COURSES).status_code == 401


def test_a_key_of_an_account_does_not_see_the_own_matters_of_its_person() -> None:
    client = client_of(make_account())
    assert code(client.get(MINE)) == (403, "KeyOfAUnit")
    assert code(client.post(f"/api/v1/courses/{make_course().code}/enrol/")) == (403, "KeyOfAUnit")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (KeyScope.COURSES, {"light"}),
        (KeyScope.READ, {"light", "sheet"}),
        (KeyScope.ACT, {"light", "sheet", "close"}),
    ],
)
def test_a_key_may_do_what_its_scope_says(scope: str, allowed: set[str]) -> None:
    account = make_account()
    client, path = client_of(account, scope), f"/api/v1/unit/courses/{make_course(account, ago=2).code}"
    answers = {
        "light": client.get(LIGHT),
        "sheet": client.get(f"{path}/sheet/"),
        "close": client.post(f"{path}/close/", {"request_key": "k", "marks": []}, format="json"),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 200} == allowed
    refused = {code(answer) for name, answer in answers.items() if name not in allowed}
    assert refused <= {(403, "KeyTooNarrow")}
    assert client.get(COURSES).status_code == 200


def test_a_key_is_made_for_none_but_an_own_account_in_force() -> None:
    account = make_account()
    with pytest.raises(NotYourAccount):
        tokens.make(by=acting(account), name="n", account=make_account())
    client = Client()
    attempt(client, account.user.email, PASSWORD)
    sent = {"name": "n", "scope": "read", "account": make_account().pk}
    answer = client.post(reverse("signin:make_key"), sent)
    assert answer.status_code == 200 and not ApiToken.objects.exists()
    answer = client.post(reverse("signin:make_key"), sent | {"account": account.pk})
    key = ApiToken.objects.get()
    assert (key.account, key.scope, key.for_business) == (account, "read", True)
    assert account.number in answer.content.decode()


@pytest.fixture
def limits(settings: Any) -> dict[str, str]:
    settings.API_RATES = {"key": "3/minute", "address": "5/minute"}
    return settings.API_RATES


def test_one_key_has_so_many_requests_a_minute(limits: dict[str, str]) -> None:
    limits["address"] = ""
    account = make_account()
    first, second, moment = client_of(account), client_of(account), clock.now()
    with time_machine.travel(moment, tick=False):
        assert [first.get(LIGHT).status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = first.get(LIGHT, headers={"Accept-Language": "zh-Hant"})
        assert int(answer["Retry-After"]) == 60 and answer["Content-Type"].startswith(
            "application/problem+json"
        )
        assert "60" in answer.json()["detail"] and "Request" not in answer.json()["detail"]
        assert second.get(LIGHT).status_code == 200
    with time_machine.travel(moment + timedelta(seconds=61), tick=False):
        assert first.get(LIGHT).status_code == 200


def test_one_address_has_so_many_requests_a_minute_with_whatever_key(limits: dict[str, str]) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token wrong")
    assert [client.get(LIGHT).status_code for _ in range(6)] == [401] * 5 + [429]
    assert APIClient().get(COURSES).status_code == 429
    assert APIClient().get(COURSES, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_a_person_in_the_browser_has_the_limit_of_a_key(limits: dict[str, str]) -> None:
    client = Client()
    client.force_login(make_user())
    assert [client.get(MINE).status_code for _ in range(4)] == [200, 200, 200, 429]
