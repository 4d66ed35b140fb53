"""A program's client: a key, and the account that it acts through."""

from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import make_key


def api(user: User, account: str = "") -> APIClient:
    client = APIClient()
    headers = {"HTTP_AUTHORIZATION": f"Token {make_key(user)}"}
    if account:
        headers["HTTP_X_BUSINESS_ACCOUNT"] = account
    client.credentials(**headers)
    return client
