"""The operator keeps the lists that people choose from: entries, their history, export and import."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import code_lists
from accounts.actions.code_lists import Entry
from accounts.code_lists import CODE_LISTS, CodeList
from accounts.forms.code_lists import ChangeEntryForm, NewEntryForm
from accounts.imports.code_lists import HEADER
from accounts.presenters.code_lists import table_rows
from audit.models import AuditEvent
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.form_refusals import add_refusal


def _code_list(slug: str) -> CodeList:
    if slug not in CODE_LISTS:
        raise Http404
    return CODE_LISTS[slug]


def _rows(kept: CodeList) -> Any:
    rows = kept.model._default_manager.all()
    return rows.select_related("parent").order_by("path", "order", "pk") if kept.is_tree else rows


def overview(request: ActorRequest) -> HttpResponse:
    lists = [(slug, kept, kept.model._default_manager.count()) for slug, kept in CODE_LISTS.items()]
    return render(request, "accounts/lists/overview.html", {"lists": lists})


def entries(request: ActorRequest, slug: str) -> HttpResponseBase:
    kept = _code_list(slug)
    rows = list(_rows(kept))
    if fmt := requested_format(request):
        return list_file(request, fmt, str(kept.label), HEADER, table_rows(rows), number=len(rows))
    context = {"slug": slug, "kept": kept, "rows": rows}
    return render(request, "accounts/lists/entries.html", context)


def add(request: ActorRequest, slug: str) -> HttpResponse:
    kept = _code_list(slug)
    if kept.is_fixed:
        raise Http404
    form = NewEntryForm(request.POST or None, kept=kept)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        code, parent = facts.pop("code"), facts.pop("parent", None)
        try:
            code_lists.add(by=request.actor, to=slug, code=code, parent=parent, entry=Entry(**facts))
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The entry is added."))
            return redirect("accounts:list", slug=slug)
    return render(request, "accounts/lists/entry.html", {"slug": slug, "kept": kept, "form": form})


def edit(request: ActorRequest, slug: str, pk: int) -> HttpResponse:
    kept = _code_list(slug)
    row = get_object_or_404(kept.model, pk=pk)
    form = ChangeEntryForm(
        request.POST or None,
        initial={**vars(Entry.of(row)), "seen": code_lists.mark(row)},
        is_fixed=kept.is_fixed,
    )
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        seen = facts.pop("seen")
        try:
            code_lists.change(by=request.actor, of=slug, row=row, entry=Entry(**facts), seen=seen)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The entry is changed."))
            return redirect("accounts:list", slug=slug)
    context = {"slug": slug, "kept": kept, "form": form, "row": row, "uses": kept.uses(row)}
    return render(request, "accounts/lists/entry.html", {**context, "history": _history(row)})


def _history(row: Any) -> Any:
    events = AuditEvent.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk))
    return events.filter(action__startswith="code.").order_by("-id")


@require_POST
def delete(request: ActorRequest, slug: str, pk: int) -> HttpResponse:
    row = get_object_or_404(_code_list(slug).model, pk=pk)
    try:
        code_lists.delete(by=request.actor, of=slug, row=row)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts:list_entry", slug=slug, pk=pk)
    messages.success(request, _("The entry is deleted."))
    return redirect("accounts:list", slug=slug)
