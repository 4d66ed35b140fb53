"""The pages about personal data: what is collected and why, one's own copy, how long what is kept."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest
from files.serving import deliver
from kit.errors import Refusal
from privacy import actions
from privacy.retention_table import counted, periods
from signin.views.confirmation import confirm_first


@login_not_required
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """The notice that 個資法 §8 requires before personal data are collected."""
    context = {
        "contact": settings.OPERATOR_CONTACT,
        "periods": periods(),
        "record_days": settings.RETAIN_AUDIT_DAYS,
        "backup_months": settings.BACKUP_KEEP_MONTHLY,
    }
    return render(request, "privacy/notice.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/accessibility.html", {"contact": settings.OPERATOR_CONTACT})


@never_cache
def own_data(request: ActorRequest) -> HttpResponse:
    """The page of the own copy; POST requests one."""
    if request.method == "POST":
        job = actions.request_copy(by=request.actor)
        return redirect("jobs:job", pk=job.pk)
    found = actions.current(request.user.pk)
    return render(request, "privacy/own_data.html", {"copy": found[0] if found else None})


@require_POST
def take_own_data(request: ActorRequest) -> HttpResponseBase:
    """Hand out the copy to a person who has just confirmed to be themselves."""
    if first := confirm_first(request, back="privacy:own_data"):
        return first
    try:
        return deliver(actions.take_copy(by=request.actor), by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("privacy:own_data")


@never_cache
@require_safe
def retention(request: ActorRequest) -> HttpResponse:
    """What would go today: a dry run."""
    context = {"periods": counted(), "each_night": settings.RETENTION_EACH_NIGHT}
    return render(request, "privacy/retention.html", context)
