"""A staff list is sent as a file: check, look at old and new and at who is missing, save."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import rosters
from accounts.forms.imports import ImportForm
from accounts.forms.rosters import CarryOutRosterForm
from accounts.presenters.import_templates import ROSTER_COLUMNS, ROSTER_HEADER, roster_example
from jobs.delivery import requested_format, started
from jobs.models import Job
from kit import tables
from kit.errors import Refusal


def upload(request: ActorRequest) -> HttpResponseBase:
    if fmt := requested_format(request):
        return tables.download("現職人員名冊範本", fmt, ROSTER_HEADER, [roster_example()])
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        try:
            job = rosters.check(by=request.actor, upload=form.cleaned_data["file"])
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("jobs:job", pk=job.pk)
    context = {"form": form, "formats": tables.FORMATS, "columns": ROSTER_COLUMNS.items()}
    return render(request, "accounts/roster/upload.html", context)


@require_POST
def carry_out(request: ActorRequest, pk: int) -> HttpResponse:
    checked = get_object_or_404(Job.objects.of_person(request.user.pk), pk=pk)
    form = CarryOutRosterForm(request.POST)
    back = redirect("jobs:job", pk=pk)
    if not form.is_valid():
        messages.error(request, form.errors["last_day"].as_text())
        return back
    begin = partial(
        rosters.carry_out, by=request.actor, checked=checked, ends=form.chosen, **form.cleaned_data
    )
    return started(request, begin, back=back)
