"""A list that people choose from is filled by a file: checked and shown first, then taken whole."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.actions import code_lists
from accounts.actions.code_lists import Entry
from accounts.code_lists import CODE_LISTS, CodeList
from accounts.errors import ChangedMeanwhile
from accounts.file_kinds import CODE_LIST
from accounts.forms.imports import ImportForm
from accounts.imports.code_lists import HEADER, Reading, read
from accounts.presenters import import_words
from files import actions as files
from files.models import StoredFile
from files.storage import on_disk
from kit.errors import Refusal
from kit.previews import is_seen, mark_of


def import_list(request: ActorRequest, slug: str) -> HttpResponse:
    """POST a file to look at it; POST the key of the checked file to take it in."""
    if slug not in CODE_LISTS:
        raise Http404
    kept = CODE_LISTS[slug]
    form = ImportForm(request.POST, request.FILES) if request.FILES else ImportForm()
    context: dict[str, Any] = {
        "slug": slug,
        "kept": kept,
        "form": form,
        "columns": import_words.columns(HEADER),
    }
    try:
        if request.POST.get("key"):
            return _import(request, slug, kept)
        if request.FILES and form.is_valid():
            upload = form.cleaned_data["file"]
            file = files.store(CODE_LIST, owner_id=request.user.pk, upload=upload)
            context |= {"file": file, **_preview(kept, _reading(file, kept))}
    except Refusal as refusal:
        form.add_error("file", refusal.message) if form.is_bound else messages.error(request, refusal.message)
    return render(request, "accounts/lists/import.html", context)


def _reading(file: StoredFile, kept: CodeList) -> Reading:
    with on_disk(file.path) as path:
        return read(Path(path), kept)


def _preview(kept: CodeList, reading: Reading) -> dict[str, Any]:
    """Return what would be done: each row with what is stored now."""
    stored = {row.code: row for row in kept.model._default_manager.all()}
    rows = [(row, stored.get(row.code)) for row in reading.rows]
    changes = [(row, old) for row, old in rows if old is None or Entry.of(old) != row.entry]
    shown = [(row.code, row.entry, Entry.of(old) if old else None) for row, old in changes]
    return {
        "changes": changes,
        "unchanged": len(rows) - len(changes),
        "refused": reading.refused,
        "seen": mark_of("code_list", shown),
    }


def _import(request: ActorRequest, slug: str, kept: CodeList) -> HttpResponse:
    mine = StoredFile.objects.present().filter(kind=CODE_LIST, owner=request.user)
    file = mine.filter(key=request.POST["key"]).first()
    reading = _reading(file, kept) if file else None
    if file is None or reading is None or reading.refused:
        messages.error(request, _("Please choose the file again."))
        return redirect("accounts:list_import", slug=slug)
    if not is_seen(request, _preview(kept, reading)["seen"]):
        raise ChangedMeanwhile(name=kept.label)
    counts = code_lists.import_entries(by=request.actor, to=slug, rows=reading.rows)
    files.delete(file)
    said = _("Added: %(added)s. Changed: %(changed)s. Unchanged: %(unchanged)s.")
    messages.success(request, said % counts)
    return redirect("accounts:list", slug=slug)
