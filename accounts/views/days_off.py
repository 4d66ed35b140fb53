"""Days off beside the national calendar: the operator's for the country, an officer's for the own county."""

from pathlib import Path
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
from accounts.file_kinds import CODE_LIST
from accounts.forms.code_lists import DayOffForm
from accounts.forms.imports import ImportForm
from accounts.imports.days_off import HEADER, read
from accounts.models import DayOff
from accounts.presenters import import_words
from accounts.queries.days_off import managed_by
from files import actions as files
from files.storage import on_disk
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.holidays import LAST_YEAR, announced_years

PAGE = 50


def days(request: ActorRequest) -> HttpResponseBase:
    rows = managed_by(request.actor)
    if fmt := requested_format(request):
        table = ([d.day, d.name, str(d.county or ""), int(d.is_workday), d.ended_at] for d in rows.iterator())
        return list_file(request, fmt, _("Days off"), HEADER, table, number=rows.count())
    if request.FILES:
        return _import(request)
    form = DayOffForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            days_off.add(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The day is added."))
            return redirect("accounts:days_off")
    return _page(request, form=form)


def _page(request: ActorRequest, **more: object) -> HttpResponse:
    context: dict[str, Any] = {
        "form": DayOffForm(by=request.actor),
        "file_form": ImportForm(auto_id="file_%s"),
        "columns": import_words.columns(HEADER),
        "page": Paginator(managed_by(request.actor), PAGE).get_page(request.GET.get("page")),
        "last_year": max([LAST_YEAR, *announced_years()]),
        **more,
    }
    return render(request, "accounts/lists/days_off.html", context)


def _import(request: ActorRequest) -> HttpResponse:
    """Add the days of a file, or none of them: then each row that cannot be taken is shown with its reason."""
    form = ImportForm(request.POST, request.FILES, auto_id="file_%s")
    if not form.is_valid():
        return _page(request, file_form=form)
    try:
        file = files.store(CODE_LIST, owner_id=request.user.pk, upload=form.cleaned_data["file"])
        with on_disk(file.path) as path:
            reading = read(Path(path), request.actor)
        files.delete(file)
        if reading.refused:
            return _page(request, file_form=form, refused=reading.refused)
        added = days_off.import_days(by=request.actor, days=reading.fresh)
    except Refusal as refusal:
        form.add_error("file", refusal.message)
        return _page(request, file_form=form)
    said = _("Added: %(added)s. Unchanged: %(unchanged)s.")
    messages.success(request, said % {"added": added, "unchanged": reading.unchanged})
    return redirect("accounts:days_off")


@require_POST
def take_back(request: ActorRequest, pk: int) -> HttpResponse:
    row: DayOff = get_object_or_404(managed_by(request.actor), pk=pk)
    try:
        days_off.take_back(row=row, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The day is taken back."))
    return redirect("accounts:days_off")
