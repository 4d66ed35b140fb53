"""Announcements: the page of those for a person, and those that a hat keeps."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest, SiteRequest
from bulletin.actions import announcements
from bulletin.forms.published import AnnouncementForm, ChangedAnnouncementForm
from bulletin.models import Announcement
from bulletin.queries.announcements import managed_by, shown_to
from kit.errors import Refusal
from kit.form_once import made_once
from kit.form_refusals import add_refusal
from kit.next_page import own_path

PAGE = 30


@login_not_required
def mine(request: SiteRequest) -> HttpResponse:
    return render(request, "bulletin/mine.html", {"rows": shown_to(request.actor)})


@require_POST
def dismiss(request: ActorRequest, pk: int) -> HttpResponse:
    announcements.dismiss(announcement=get_object_or_404(Announcement, pk=pk), by=request.actor)
    return redirect(own_path(request, request.POST.get("next", "")) or "bulletin:announcements")


def managed(request: ActorRequest) -> HttpResponse:
    page = Paginator(managed_by(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "bulletin/announcements.html", {"page": page})


def add(request: ActorRequest) -> HttpResponse:
    form = AnnouncementForm(request.POST or None, by=request.actor)
    if _is_to_be_saved(request, form):
        try:
            make = partial(announcements.publish, by=request.actor, **form.cleaned_data)
            made_once(request, Announcement.objects.all(), make)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The announcement is published."))
            return redirect("bulletin:kept_announcements")
    return _page(request, form, None)


def edit(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(managed_by(request.actor), pk=pk)
    names = ("text", "readers", "county", "first_day", "last_day")
    initial = {name: getattr(row, name) for name in names} | {"seen": announcements.mark(row)}
    form = ChangedAnnouncementForm(request.POST or None, by=request.actor, initial=initial)
    if _is_to_be_saved(request, form):
        try:
            announcements.change(announcement=row, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The announcement is changed."))
            return redirect("bulletin:kept_announcements")
    return _page(request, form, row)


def _is_to_be_saved(request: ActorRequest, form: AnnouncementForm) -> bool:
    return request.method == "POST" and form.is_valid() and "preview" not in request.POST


def _page(request: ActorRequest, form: AnnouncementForm, row: Announcement | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "row": row}
    if form.is_bound and form.is_valid():
        context["preview"] = form.cleaned_data["text"]
    return render(request, "bulletin/announcement.html", context)


@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(managed_by(request.actor), pk=pk)
    try:
        announcements.end(announcement=row, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The announcement is taken back."))
    return redirect("bulletin:kept_announcements")
