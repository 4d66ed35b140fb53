"""What outlives a session is made only after a fresh confirmation."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from signin.readiness import confirmed_lately

View = Callable[..., HttpResponse]


def confirmation_required(view: View) -> View:
    """Something that outlives the session is made only by a person who has just logged in or confirmed to be themselves."""

    @wraps(view)
    def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return confirm_first(request) or view(request, *args, **kwargs)

    return guarded


def confirm_first(request: ActorRequest, back: str = "signin:security") -> HttpResponse | None:
    """Return the way to the confirmation, and from there back to the route `back`; nothing when it is not needed."""
    if confirmed_lately(request, request.user):
        return None
    methods = get_adapter().get_reauthentication_methods(request.user)
    here = reverse(back)
    if not methods:
        messages.error(request, _("For this you must have logged in just now: log out and in again."))
        return redirect(here)
    messages.info(request, _("Please confirm first that it is you, then do it again."))
    return redirect(f"{methods[0]['url']}?{urlencode({'next': here})}")
