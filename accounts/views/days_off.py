"""Days off beside the national calendar: the operator's for the country, an officer's for the own county."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import days_off
from accounts.forms.code_lists import DayOffForm
from accounts.models import DayOff
from accounts.queries.days_off import kept_by
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.holidays import LAST_YEAR, announced_years

PAGE = 50
HEADER = ("日期", "名稱", "縣市", "上班", "撤回")


def days(request: ActorRequest) -> HttpResponseBase:
    rows = kept_by(request.actor)
    if fmt := requested_format(request):
        table = ([d.day, d.name, str(d.county or ""), int(d.is_workday), d.ended_at] for d in rows.iterator())
        return list_file(request, fmt, _("Days off"), HEADER, table, number=rows.count())
    form = DayOffForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            days_off.add(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The day is added."))
            return redirect("accounts:days_off")
    context: dict[str, Any] = {
        "form": form,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "last_year": max([LAST_YEAR, *announced_years()]),
    }
    return render(request, "accounts/lists/days_off.html", context)


@require_POST
def take_back(request: ActorRequest, pk: int) -> HttpResponse:
    row: DayOff = get_object_or_404(kept_by(request.actor), pk=pk)
    try:
        days_off.take_back(row=row, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The day is taken back."))
    return redirect("accounts:days_off")
