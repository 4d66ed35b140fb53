"""The operator imports units and people: upload, check, look at what would happen, carry out."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import imports
from accounts.forms.imports import CarryOutForm, ImportForm
from accounts.imports import people_lines
from accounts.imports import unit_lines as unit_lists
from accounts.jobs import IMPORTS, PEOPLE, UNITS
from accounts.presenters import import_words
from accounts.presenters.import_templates import PEOPLE_EXAMPLE, PEOPLE_HEADER, UNITS_EXAMPLE, UNITS_HEADER
from jobs.delivery import requested_format, started
from jobs.models import Job
from kit import tables
from kit.errors import Refusal


def units(request: ActorRequest) -> HttpResponseBase:
    if fmt := requested_format(request):
        return tables.download("單位匯入範本", fmt, UNITS_HEADER, [UNITS_EXAMPLE])
    facts = {
        "what": UNITS,
        "needed": import_words.columns(unit_lists.NEEDED),
        "optional": import_words.columns(unit_lists.OPTIONAL),
        "levels": import_words.levels(),
        "kinds": import_words.kinds(),
        "types": import_words.school_types(),
    }
    return _upload(request, facts)


def people(request: ActorRequest) -> HttpResponseBase:
    if fmt := requested_format(request):
        return tables.download("人員匯入範本", fmt, PEOPLE_HEADER, [PEOPLE_EXAMPLE])
    facts = {
        "what": PEOPLE,
        "needed": import_words.columns(people_lines.NEEDED),
        "optional": import_words.columns(people_lines.OPTIONAL),
        "roles": import_words.roles(),
    }
    return _upload(request, facts)


def _upload(request: ActorRequest, facts: dict[str, Any]) -> HttpResponse:
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        try:
            job = imports.check(facts["what"], by=request.actor, upload=form.cleaned_data["file"])
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("jobs:job", pk=job.pk)
    return render(
        request, "accounts/imports/upload.html", {"form": form, "formats": ("ods", "xlsx", "csv"), **facts}
    )


@require_POST
def carry_out(request: ActorRequest, pk: int) -> HttpResponse:
    checked = get_object_or_404(Job.objects.of_person(request.user.pk).filter(kind__in=IMPORTS), pk=pk)
    form = CarryOutForm(request.POST)
    form.full_clean()
    begin = partial(imports.carry_out, by=request.actor, checked=checked, **form.cleaned_data)
    return started(request, begin, back=redirect("jobs:job", pk=pk))
