"""Enforces the table of rights (`kit.rights`) at each request. The actions refuse too; this spares the person a useless page."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor, ActorRequest
from accounts.business_access import may_act_for_business
from accounts.enums import OVERSIGHT_ROLES, ROSTER_ROLES, UNIT_ROLES, Role
from accounts.middleware import active_accounts
from accounts.models import BusinessAccount, User
from accounts.other_hats import hats_for_unit, hats_that_open
from accounts.queries.lost_accounts import lost_account
from accounts.unit_pages import PARAMETER, unit_of, without_unit
from kit.rights import VISITOR, Audience, Right, right_of

# What a page may be asked for. A view would treat another method as a GET.
METHODS = ("GET", "HEAD", "POST")
# The refusal for a person whose hat is not among these roles.
SENTENCES: dict[frozenset[str], Promise] = {
    UNIT_ROLES: _("This page belongs to a unit. Put on the hat of your business account."),
    frozenset({Role.UNIT_LEAD}): _("This page is for the unit lead."),
    OVERSIGHT_ROLES: _("This page is for county officers and the operator."),
    frozenset({Role.OPERATOR}): _("This page is for the operator."),
    ROSTER_ROLES: _("This page is for those who keep the staff list of a unit."),
    OVERSIGHT_ROLES | ROSTER_ROLES: _("This page is for those who keep the staff list of a unit."),
    OVERSIGHT_ROLES | {Role.UNIT_LEAD}: _("This page is for unit leads, county officers and the operator."),
}


def right_for(request: HttpRequest) -> Right:
    """Return the row of the request's route. Raise PermissionDenied for a route that has none."""
    match = request.resolver_match
    right = right_of(match.view_name) if match else None
    if right is None:
        raise PermissionDenied(f"no row in the table of rights: {request.path}")
    return right


def sentence_for(audience: Audience) -> Promise:
    """Return the refusal for a person whose hat is none of the roles of an audience."""
    return SENTENCES[frozenset(audience.roles)]


def role_of(request: HttpRequest, right: Right) -> str:
    """Return the role that the request acts in. The hat is looked up only where the row depends on it."""
    if not request.user.is_authenticated:
        return VISITOR
    audience = right.named(str(request.method))
    if audience and audience.members is not None:
        return "member"
    return str(cast(ActorRequest, request).actor.role)


class RouteGuardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        right = right_for(request)
        if right.asks_itself:
            return None
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if PARAMETER in request.GET and (page := _for_unit(request, right)):
            return page
        role = role_of(request, right)
        if right.admits(role, str(request.method)):
            return None
        if role == VISITOR:
            return redirect_to_login(request.get_full_path())
        return _refusal(request, right)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Offer the person's own hat under which a page opens that the present one does not find."""
        if not isinstance(exception, Http404) or request.method != "GET" or not request.user.is_authenticated:
            return None
        right = right_for(request)
        hats = [] if right.asks_itself else _other_hats(request, right)
        return _offer(request, hats) if hats else None


def _other_hats(request: HttpRequest, right: Right) -> list[BusinessAccount]:
    """Return the person's accounts under which the page of a request opens, other than the present one."""
    match, person = request.resolver_match, cast(User, request.user)
    if match is None or not may_act_for_business(request, person):
        return []
    current = cast(ActorRequest, request).actor.account
    accounts = active_accounts(request)
    return hats_that_open(person, current, accounts, right, match.view_name, match.kwargs)


def _for_unit(request: HttpRequest, right: Right) -> HttpResponse | None:
    """Offer the person's hats for the unit that the address names, or redirect to the page if one of them is on or there is none.

    Return None for a request that has to log in, or set up the second step, before it has any hat.
    """
    person, page = cast(User, request.user), without_unit(request)
    if request.method != "GET" or not person.is_authenticated or not may_act_for_business(request, person):
        return None
    hats = [Actor(person, account) for account in active_accounts(request)]
    there = hats_for_unit([hat for hat in hats if right.admits(hat.role, "GET")], unit_of(request))
    if not there or cast(ActorRequest, request).actor.account in [hat.account for hat in there]:
        return redirect(page)
    context = {"other_hats": [hat.appointment for hat in there], "page": page}
    return render(request, "errors/other_hat.html", context)


def _offer(request: HttpRequest, hats: list[BusinessAccount]) -> HttpResponse:
    context = {"other_hats": hats, "page": request.get_full_path()}
    return render(request, "errors/other_hat.html", context, status=403)


def _refusal(request: HttpRequest, right: Right) -> HttpResponse:
    """Redirect a person whose business accounts need the second step there; show everybody else which roles the page is for."""
    person = cast(User, request.user)
    if active_accounts(request) and not may_act_for_business(request, person):
        return redirect(f"{reverse('signin:ready')}?{urlencode({'next': request.get_full_path()})}")
    if request.method == "GET" and (hats := _other_hats(request, right)):
        return _offer(request, hats)
    audience = right.named(str(request.method)) or Audience()
    lost = lost_account(person, lambda actor: actor.role in audience)
    context = {"sentence": sentence_for(audience), "lost": lost, "state": lost and lost.state()}
    return render(request, "errors/wrong_hat.html", context, status=403)
