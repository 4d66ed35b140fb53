"""A method that no row of the rights names gets 405 at every address of the API, from everybody."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from tests.api.client import api
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "FOO"])
@pytest.mark.parametrize(
    ("route", "code"),
    [("courses", ""), ("my_light", ""), ("unit_courses", ""), ("sheet", "X"), ("close", "X"), ("schema", "")],
)
def test_a_method_that_no_row_names_gets_405(method: str, route: str, code: str) -> None:
    path = reverse(f"api:{route}", args=[code] if code else [])
    account = make_account()
    answer = api(account.user, account.number).generic(method, path)
    assert answer.status_code == 405
    assert APIClient().generic(method, path).status_code in (401, 405)
