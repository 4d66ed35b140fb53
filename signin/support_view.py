"""The support view at each request: the operator's browser gets the person's pages, read-only, recorded page by page.

The session holds the number of the view. Nothing of a person's sessions, keys and second factors is shown, no file leaves, and whatever is no
GET is refused before it reaches a view, also for the API.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor, SiteRequest
from accounts.middleware import forget_accounts
from accounts.models import SupportView
from audit import log
from audit.trace import current
from kit import clock
from kit.rights import route_of

KEY = "support_view"
# Routes that stay the operator's own while the view lasts.
OWN = frozenset({"signin:end_support", "signin:session_left", "account_logout", "set_language", "set_theme"})
# What is secret, or belongs to the log-in: not shown to others.
SECRET = ("signin:", "account_", "mfa_", "socialaccount_", "usersessions_", "openid_connect_", "admin:")
NO_FILE = _("Files do not leave in the support view.")
READING = frozenset({"GET", "HEAD"})


class SupportRequest(SiteRequest):
    """A request within a support view; `support` is None outside of one."""

    support: SupportView | None


class SupportViewMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = cast(SupportRequest, request)
        view = running(seen) if KEY in request.session else None
        route = route_of(request) if view else ""
        if view is None or route in OWN:
            seen.support = view
            return self.get_response(request)
        with _seen_as_the_person(seen, view):
            refused = _refusal(request, route)
            if refused is None:
                _record(view, route, seen)
                response = self.get_response(request)
                refused = NO_FILE if response.has_header("Content-Disposition") else None
            return _refused(request, refused) if refused else response


def running(request: SupportRequest) -> SupportView | None:
    """Return the view of the session while it lasts and the operator's account is in force; otherwise the session forgets it."""
    rows = SupportView.objects.select_related(
        "person", "operator__user", "operator__unit", "hat__unit__county"
    )
    view = rows.filter(pk=request.session[KEY], ended_at=None, until__gt=clock.now()).first()
    if view is None or view.operator.user_id != request.user.pk or not view.operator.is_active():
        del request.session[KEY]
        return None
    return view


@contextmanager
def _seen_as_the_person(request: SupportRequest, view: SupportView) -> Iterator[None]:
    """Put the person in the operator's place until the response is made. The record keeps naming the operator."""
    user, actor = request.user, request.actor
    hat = view.hat if view.hat and view.hat.is_active() else None
    operator = Actor(view.operator.user, view.operator)
    token = current.set(replace(current.get(), instead=operator))
    request.support, request.user, request.actor = view, view.person, Actor(view.person, hat)
    forget_accounts(request)
    try:
        yield
    finally:
        current.reset(token)
        request.user, request.actor = user, actor
        forget_accounts(request)


def _refusal(request: HttpRequest, route: str) -> Promise | None:
    if request.method not in READING:
        return _("The support view only reads: nothing is sent, saved or changed in it.")
    if route.startswith(SECRET):
        return _("Log-in, keys and second steps are not shown in the support view.")
    return None


def _record(view: SupportView, route: str, request: SupportRequest) -> None:
    log.record(
        "read.as_person",
        view,
        by=Actor(view.operator.user, view.operator),
        unit_id=view.operator.unit_id,
        reason=view.reason,
        after={"page": route, "path": request.path[:200]},
    )


def _refused(request: HttpRequest, sentence: Promise | str) -> HttpResponse:
    return render(request, "errors/support.html", {"sentence": sentence}, status=403)
