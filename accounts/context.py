from typing import cast

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from accounts.acting import ActorRequest
from accounts.middleware import active_accounts
from accounts.models import User
from accounts.presenters.hats import hat_menu


def hats(request: HttpRequest) -> dict[str, object]:
    """The menu of a person, for the bar at the top."""
    if getattr(request, "actor", None) is None:
        return {"hats": ""}
    return {"hats": SimpleLazyObject(lambda: _hats(request))}


def _hats(request: HttpRequest) -> SafeString:
    current = cast(ActorRequest, request).actor.account
    return hat_menu(active_accounts(request), current, get_token(request))


def display_name(user: User) -> str:
    return user.name
