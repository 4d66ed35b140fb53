"""Which hat is on, and where each hat's home is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest, SiteRequest
from accounts.business_access import may_act_for_business
from accounts.middleware import SESSION_KEY, active_accounts
from kit.next_page import own_path


@login_not_required
def home(request: SiteRequest) -> HttpResponse:
    """Each hat's own home; a visitor sees the catalogue."""
    actor = request.actor
    if actor is None:
        return redirect("courses:catalogue")
    if active_accounts(request) and not may_act_for_business(request, actor.user):
        return redirect("signin:ready")
    if actor.is_operator_hat:
        return redirect("courses:operator")
    if actor.is_county_hat:
        return redirect("courses:county")
    if actor.is_roster_hat:
        return redirect("accounts:staff")
    return redirect("courses:unit_home" if actor.is_unit_hat else "hours:me")


@require_POST
def switch_hat(request: ActorRequest) -> HttpResponse:
    """Put on one of the own hats; another person's account is not among them and changes nothing."""
    wanted = request.POST.get("account", "")
    mine = {str(account.pk): account for account in active_accounts(request)}
    if wanted and wanted not in mine:
        messages.error(request, _("This business account is not yours or has ended."))
        return redirect("home")
    if wanted and not may_act_for_business(request, request.actor.user):
        return redirect("signin:ready")
    request.session[SESSION_KEY] = int(wanted) if wanted else 0
    target = own_path(request, request.POST.get("next", ""))
    return HttpResponseRedirect(target) if target else redirect("home")
