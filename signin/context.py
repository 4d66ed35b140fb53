"""What every page knows of the session: its idle limit, and whether business hats wait for something."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.enums import Role
from accounts.middleware import active_accounts
from accounts.models import User
from signin.readiness import is_ready
from signin.support_view import SupportRequest


def session(request: HttpRequest) -> dict[str, object]:
    """How long this session may stay idle, for the warning in the page, and whether business hats wait for something."""
    if getattr(request, "actor", None) is None:
        return {}
    if getattr(request, "support", None):
        return {"support": cast(SupportRequest, request).support}
    return {
        "idle_seconds": SimpleLazyObject(lambda: idle_seconds(request)),
        "hats_wait": SimpleLazyObject(lambda: hats_wait(request)),
    }


def idle_seconds(request: HttpRequest) -> int:
    operator = any(account.role == Role.OPERATOR for account in active_accounts(request))
    return int(settings.IDLE_SECONDS_OPERATOR if operator else settings.IDLE_SECONDS)


def hats_wait(request: HttpRequest) -> bool:
    """Return whether the person holds business accounts that this session may not use yet."""
    return bool(active_accounts(request)) and not is_ready(request, cast(User, request.user))
