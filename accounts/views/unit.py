"""The unit lead's list of business accounts with the half-yearly review; suspending and resuming for everybody who may see an account."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log, appointments, reviews
from accounts.forms.requests import ReasonForm
from accounts.models import AccountReview, BusinessAccount
from accounts.presenters.account_table import ACCOUNTS, account_rows
from accounts.queries.people import accounts_in_reach
from jobs.delivery import list_file, requested_format
from kit import clock
from kit.errors import Refusal
from kit.form_refusals import what_lacks


def accounts(request: ActorRequest) -> HttpResponseBase:
    unit = request.actor.appointment.unit
    rows = BusinessAccount.objects.of_unit(unit.pk).select_related("user")
    # Those that have no end first, on every database.
    rows = rows.order_by(F("ended_at").desc(nulls_first=True), "number")
    access_log.rows_seen("read.accounts", by=request.actor, rows=rows)
    if fmt := requested_format(request):
        lines = account_rows(rows.select_related("unit"))
        return list_file(request, fmt, f"{unit.code}_業務帳號", ACCOUNTS, lines, number=rows.count())
    open_ids = set(BusinessAccount.objects.open().of_unit(unit.pk).values_list("pk", flat=True))
    context = {
        "unit": unit,
        "rows": [row for row in rows if row.pk in open_ids],
        "ended": [row for row in rows if row.pk not in open_ids],
        "half": reviews.half_of(clock.today()),
        "review": AccountReview.objects.filter(unit=unit).select_related("confirmed_by__user").first(),
        "due": reviews.is_due(unit.pk),
    }
    return render(request, "accounts/unit.html", context)


@require_POST
def confirm(request: ActorRequest) -> HttpResponse:
    try:
        reviews.confirm(by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Confirmed. The next review is due in the next half-year."))
    return redirect("accounts:unit")


@require_POST
def suspend(request: ActorRequest, pk: int) -> HttpResponse:
    return _act(request, pk, appointments.suspend, _("The account is suspended."))


@require_POST
def resume(request: ActorRequest, pk: int) -> HttpResponse:
    return _act(request, pk, appointments.resume, _("The account is in force again."))


def _act(request: ActorRequest, pk: int, act: Callable[..., object], done: str) -> HttpResponse:
    account = get_object_or_404(accounts_in_reach(request.actor), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please give the reason.")))
    else:
        try:
            act(account=account, by=request.actor, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, done)
    return redirect("courses:account", pk=pk)
