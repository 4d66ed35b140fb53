"""Applications for business accounts, changes of name or e-mail: request and decision."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log, applications, identity_changes
from accounts.enums import OfferState, RequestState
from accounts.forms.requests import ApplyForm, DecideForm, IdentityForm
from accounts.models import AccountApplication, BusinessAccount, IdentityChange, PlaceOffer, Proof
from accounts.queries.people import applications_in_reach, changes_in_reach
from accounts.queries.persons import persons_of
from files.serving import deliver
from kit import clock
from kit.errors import Refusal
from kit.file_types import ENDINGS
from kit.form_refusals import add_refusal, what_lacks


def mine(request: ActorRequest) -> HttpResponse:
    """The person's own business accounts and applications, also those of records that were merged into theirs."""
    records = persons_of(request.actor.user.pk)
    context = {
        "offers": PlaceOffer.objects.filter(user=request.user, state=OfferState.PENDING).select_related(
            "unit"
        ),
        "accounts": BusinessAccount.objects.filter(user__in=records)
        .select_related("unit")
        .order_by("-valid_from"),
        "applications": AccountApplication.objects.filter(user__in=records)
        .select_related("unit", "account", "proof")
        .order_by("-requested_at"),
    }
    return render(request, "accounts/mine.html", context)


def apply(request: ActorRequest) -> HttpResponse:
    served = request.user.affiliations.serving().select_related("unit").first()
    initial = {"starts_on": clock.today(), "role": "handler"}
    if served:
        initial |= {"unit": served.unit.code, "level": served.unit.get_level_display()}
    form = ApplyForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {key: value for key, value in form.cleaned_data.items() if key != "level"}
        try:
            applications.apply(by=request.actor, **facts)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your application waits for a decision. You will be notified."))
            return redirect("accounts:mine")
    return render(request, "accounts/apply.html", {"form": form})


@require_POST
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AccountApplication, pk=pk, user=request.user)
    _say(request, lambda: applications.withdraw(application=row, by=request.actor), _("Taken back."))
    return redirect("accounts:mine")


def change_identity(request: ActorRequest) -> HttpResponse:
    user = request.user
    initial = {"new_name": user.name, "new_email": user.email}
    form = IdentityForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            identity_changes.request(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your request waits for a decision. You will be notified."))
            return redirect("signin:security")
    return render(request, "accounts/identity.html", {"form": form})


@require_POST
def withdraw_change(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(IdentityChange, pk=pk, user=request.user)
    _say(request, lambda: identity_changes.withdraw(change=row, by=request.actor), _("Taken back."))
    return redirect("signin:security")


def queue(request: ActorRequest) -> HttpResponse:
    """What waits for this hat's decision, and what was decided lately."""
    rows = applications_in_reach(request.actor)
    changes = changes_in_reach(request.actor)
    waiting = changes.filter(state=RequestState.PENDING)
    decided = rows.exclude(state=RequestState.PENDING).order_by("-decided_at", "-id")
    context: dict[str, Page[Any]] = {
        "page": Paginator(rows.filter(state=RequestState.PENDING), 30).get_page(request.GET.get("page")),
        "changes": Paginator(waiting, 30).get_page(request.GET.get("changes")),
        "decided": Paginator(decided, 20).get_page(request.GET.get("decided")),
    }
    shown = [row for page in context.values() for row in page.object_list]
    access_log.rows_seen("read.requests", by=request.actor, rows=shown)
    return render(request, "accounts/requests.html", context)


@require_POST
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(applications_in_reach(request.actor), pk=pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please approve, or refuse with a reason.")))
    elif form.cleaned_data["decision"] == "approve":
        _say(request, lambda: applications.approve(application=row, by=request.actor), _("Approved."))
    else:
        reason = form.cleaned_data["reason"]
        _say(
            request,
            lambda: applications.refuse(application=row, by=request.actor, reason=reason),
            _("Refused. The person is notified of the reason."),
        )
    return redirect("accounts:requests")


@require_POST
def decide_change(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(changes_in_reach(request.actor), pk=pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please approve, or refuse with a reason.")))
    elif form.cleaned_data["decision"] == "approve":
        _say(request, lambda: identity_changes.approve(change=row, by=request.actor), _("Approved."))
    else:
        reason = form.cleaned_data["reason"]
        _say(
            request,
            lambda: identity_changes.refuse(change=row, by=request.actor, reason=reason),
            _("Refused. The person is notified of the reason."),
        )
    return redirect("accounts:requests")


def paper(request: ActorRequest, pk: int) -> HttpResponseBase:
    """An uploaded paper: for who uploaded it and, until the decision, for who may decide about its request; always as a download."""
    actor = request.actor
    found = get_object_or_404(Proof.objects.select_related("file"), pk=pk)
    if found.file is None:
        raise Http404
    response = deliver(found.file, by=actor, name=f"paper-{found.pk}.{ENDINGS[found.content_type]}")
    access_log.paper_seen(found, by=actor)
    return response


def _say(request: ActorRequest, act: Any, done: str) -> None:
    try:
        act()
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
