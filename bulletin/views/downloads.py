"""The files to download that a hat keeps."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from bulletin.actions import downloads
from bulletin.actions.downloads import DownloadData
from bulletin.forms.published import DownloadForm
from bulletin.models import Download
from bulletin.queries.downloads import managed_by
from kit.errors import Refusal
from kit.form_once import made_once
from kit.form_refusals import add_refusal

PAGE = 30
FIELDS = ("title", "description", "version", "readers", "county", "order", "valid_until")


def managed(request: ActorRequest) -> HttpResponse:
    page = Paginator(managed_by(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "bulletin/downloads.html", {"page": page})


def add(request: ActorRequest) -> HttpResponse:
    form = DownloadForm(request.POST or None, request.FILES or None, by=request.actor, is_new=True)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        upload = facts.pop("file")
        try:
            data = DownloadData(**facts)
            make = partial(downloads.publish, by=request.actor, upload=upload, data=data)
            made_once(request, Download.objects.all(), make)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The file is published."))
            return redirect("bulletin:kept_downloads")
    return render(request, "bulletin/download.html", {"form": form})


def edit(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(managed_by(request.actor), pk=pk)
    initial: dict[str, Any] = {name: getattr(row, name) for name in FIELDS} | {"seen": downloads.mark(row)}
    form = DownloadForm(
        request.POST or None, request.FILES or None, by=request.actor, is_new=False, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        upload, seen = facts.pop("file"), facts.pop("seen")
        try:
            downloads.change(
                download=row, by=request.actor, upload=upload, data=DownloadData(**facts), seen=seen
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The file is changed."))
            return redirect("bulletin:kept_downloads")
    return render(request, "bulletin/download.html", {"form": form, "row": row})


@require_POST
def remove(request: ActorRequest, pk: int) -> HttpResponse:
    row: Download = get_object_or_404(managed_by(request.actor), pk=pk)
    try:
        downloads.remove(download=row, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The file is no longer offered."))
    return redirect("bulletin:kept_downloads")
