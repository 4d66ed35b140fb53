"""Which hat a page needs. The actions refuse too; these only spare the person a useless page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.middleware import active_accounts
from accounts.queries.lost_accounts import lost_account
from signin.readiness import confirmed_lately, is_ready

View = Callable[..., HttpResponse]


def _guard(allowed: Callable[[Any], bool], sentence: Any) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.actor):  # type: ignore[attr-defined]
                if active_accounts(request) and not is_ready(request, request.user):  # type: ignore[arg-type]
                    return redirect(f"{reverse('signin:ready')}?{urlencode({'next': request.path})}")
                lost = lost_account(request.user, allowed)  # type: ignore[arg-type]
                context = {"sentence": sentence, "lost": lost, "state": lost and lost.state()}
                return render(request, "errors/wrong_hat.html", context, status=403)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def confirmation_required(view: View) -> View:
    """Something that outlives the session is made only by a person who has just logged in or confirmed to be themselves."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return confirm_first(request) or view(request, *args, **kwargs)

    return guarded


def confirm_first(request: HttpRequest) -> HttpResponse | None:
    """The way to the confirmation, and from there back to the person's security; nothing when it is not needed."""
    if confirmed_lately(request, request.user):  # type: ignore[arg-type]
        return None
    methods = get_adapter().get_reauthentication_methods(request.user)
    here = reverse("signin:security")
    if not methods:
        messages.error(request, _("For this you must have logged in just now: log out and in again."))
        return redirect(here)
    messages.info(request, _("Please confirm first that it is you, then do it again."))
    return redirect(f"{methods[0]['url']}?{urlencode({'next': here})}")


unit_hat_required = _guard(
    lambda actor: actor.is_unit_hat,
    _("This page belongs to a unit. Put on the hat of your business account."),
)
unit_lead_required = _guard(lambda actor: actor.is_unit_lead, _("This page is for the unit lead."))
oversight_required = _guard(
    lambda actor: actor.is_county_hat or actor.is_operator_hat,
    _("This page is for county officers and the operator."),
)
operator_required = _guard(lambda actor: actor.is_operator_hat, _("This page is for the operator."))
unit_lead_or_oversight_required = _guard(
    lambda actor: actor.is_unit_lead or actor.is_county_hat or actor.is_operator_hat,
    _("This page is for unit leads, county officers and the operator."),
)
