"""`Authorization: Token …`: a program acting for a person with a key of `signin.actions.tokens`."""

from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from signin.actions import tokens
from signin.readiness import is_ready


class KeyAuthentication(BaseAuthentication):
    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != self.keyword.lower():
            return None
        token = tokens.find(parts[1]) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


def may_wear_business_hats(request: HttpRequest, user: User, auth: Any) -> bool:
    """Return whether the key was made for business accounts, or the session meets the policy."""
    return auth.for_business if isinstance(auth, ApiToken) else is_ready(request, user)
