"""Proposed places of service: the unit accepts or refuses."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log, proposal_decisions
from accounts.enums import RequestState
from accounts.errors import LeavesUnitWithout
from accounts.queries.people import proposals_in_reach
from kit.errors import Refusal


def queue(request: ActorRequest) -> HttpResponse:
    rows = proposals_in_reach(request.actor).filter(state=RequestState.PENDING)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    access_log.rows_seen("read.requests", by=request.actor, rows=list(page.object_list))
    return render(request, "accounts/proposals.html", {"page": page})


@require_POST
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(proposals_in_reach(request.actor), pk=pk)
    try:
        if request.POST.get("decision") == "accept":
            confirmed = bool(request.POST.get("confirmed"))
            proposal_decisions.accept(proposal=row, by=request.actor, confirmed=confirmed)
            messages.success(request, _("The staff list is changed. The person is told."))
        elif request.POST.get("decision") == "refuse":
            proposal_decisions.refuse(proposal=row, by=request.actor)
            messages.success(request, _("Refused. The staff list stays as it is."))
    except LeavesUnitWithout as question:
        return render(request, "accounts/proposal_question.html", {"row": row, "question": question.message})
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("accounts:proposals")
