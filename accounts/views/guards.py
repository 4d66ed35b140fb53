"""Which hat a page needs. The actions refuse too; these only spare the person a useless page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.business_access import may_act_for_business
from accounts.middleware import active_accounts
from accounts.queries.lost_accounts import lost_account

View = Callable[..., HttpResponse]


def _guard(allowed: Callable[[Any], bool], sentence: Any) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.actor):  # type: ignore[attr-defined]
                if active_accounts(request) and not may_act_for_business(request, request.user):  # type: ignore[arg-type]
                    return redirect(f"{reverse('signin:ready')}?{urlencode({'next': request.path})}")
                lost = lost_account(request.user, allowed)  # type: ignore[arg-type]
                context = {"sentence": sentence, "lost": lost, "state": lost and lost.state()}
                return render(request, "errors/wrong_hat.html", context, status=403)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


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
