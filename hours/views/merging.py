"""The operator merges two records of one natural person, with everything that differs on one page, and undoes it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log, merging
from accounts.forms.requests import ReasonForm
from accounts.models import User
from accounts.queries.people import people_named
from audit import log
from hours.queries.merging import compare
from kit.errors import Refusal
from kit.form_refusals import what_lacks
from kit.numbers import whole_number
from kit.search_texts import search_text

SHOWN = 30


def merge(request: ActorRequest, pk: int) -> HttpResponse:
    """Find the second record; with `other` show both and what follows, and merge them after the confirmation."""
    person = get_object_or_404(User, pk=pk)
    typed = request.POST.get("other") or request.GET.get("other")
    if typed is None:
        return _find(request, person)
    second = get_object_or_404(User, pk=whole_number(typed, 0))
    log.record_read("read.person", person, by=request.actor, subjects=[person.pk, second.pk])
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            merging.merge(person=person, second=second, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The records are one person now, and both mailboxes are notified."))
            return redirect("accounts:person", pk=pk)
    context = {"form": form, "found": compare(person, second), "refused": _refusal(request, person, second)}
    return render(request, "hours/merge.html", context)


def _find(request: ActorRequest, person: User) -> HttpResponse:
    """Search by POST: a national ID must not appear in a URL or a log."""
    word = search_text(request, request.POST.get("q", ""))
    found = people_named(word).exclude(pk=person.pk).filter(merged_into=None)
    page = Paginator(found, SHOWN).get_page(1)
    access_log.people_searched(by=request.actor, word=word, found=page.object_list)
    return render(request, "hours/merge_find.html", {"person": person, "page": page})


def _refusal(request: ActorRequest, person: User, second: User) -> str:
    """Return why the two cannot be merged now; empty when they can."""
    try:
        merging.refuse_merge(person, second, request.actor)
    except Refusal as refusal:
        return refusal.message
    return ""


@require_POST
def part(request: ActorRequest, pk: int) -> HttpResponse:
    """Undo a merge."""
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, what_lacks(form, _("Please give a reason.")))
        return redirect("accounts:person", pk=pk)
    try:
        merging.undo(person=person, by=request.actor, **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The merge is undone: the two are separate people again."))
    return redirect("accounts:person", pk=pk)
