"""Those who keep a staff list decide about requests to be entered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.enums import RequestState
from accounts.forms.requests import DecideForm
from accounts.queries.people import join_requests_in_reach
from kit.errors import Refusal
from kit.form_refusals import what_lacks
from signin.actions import join_requests


def queue(request: ActorRequest) -> HttpResponse:
    rows = join_requests_in_reach(request.actor)
    decided = rows.exclude(state=RequestState.PENDING).order_by("-decided_at", "-id")
    context = {
        "page": Paginator(rows.filter(state=RequestState.PENDING), 30).get_page(request.GET.get("page")),
        "decided": Paginator(decided, 20).get_page(request.GET.get("decided")),
    }
    return render(request, "signin/join_requests.html", context)


@require_POST
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(join_requests_in_reach(request.actor), pk=pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please approve, or refuse with a reason.")))
        return redirect("signin:join_requests")
    try:
        if form.cleaned_data["decision"] == "approve":
            join_requests.approve(request=row, by=request.actor)
            messages.success(
                request, _("Entered in the staff list. An invitation goes out where one is needed.")
            )
        else:
            join_requests.refuse(request=row, by=request.actor, reason=form.cleaned_data["reason"])
            messages.success(request, _("Refused. The person is notified of the reason."))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("signin:join_requests")
