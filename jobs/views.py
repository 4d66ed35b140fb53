"""A person's own background work; the job of another person is a 404."""

from typing import Any, NoReturn

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from files import storage
from files.models import StoredFile
from files.serving import attachment
from jobs import actions, files, live_status
from jobs.errors import FileGone
from jobs.models import Job, JobRefusal
from jobs.presenters import refused_rows
from jobs.queries import first_rows, refused_cells
from kit import tables
from kit.errors import Refusal
from kit.http_requests import MemberRequest

SHOWN = 200


def _own(request: MemberRequest, pk: int) -> Job:
    return get_object_or_404(Job.objects.of_person(request.user.pk), pk=pk)


def mine(request: MemberRequest) -> HttpResponse:
    page = Paginator(Job.objects.of_person(request.user.pk).recent(), 50).get_page(request.GET.get("page"))
    rows = [(row, live_status.progress_of(row)) for row in page.object_list]
    context = {"page": page, "rows": rows, "live": any(row.is_live for row, _f in rows)}
    return render(request, "jobs/mine.html", context)


def job(request: MemberRequest, pk: int) -> HttpResponse:
    return render(request, "jobs/job.html", _context(request, _own(request, pk)))


def _context(request: MemberRequest, found: Job) -> dict[str, Any]:
    # Rows of a file are shown as files are taken: under the hat that made them.
    mine = not found.account_number or found.account_number == request.actor.account_number
    return {
        "preview": first_rows(found, SHOWN) if mine else [],
        "job": found,
        "figures": live_status.progress_of(found),
        "refusals": refused_cells(found, SHOWN) if found.refused else [],
        "kept_refusals": min(found.refused, JobRefusal.MOST),
        "shown": SHOWN,
        "formats": tables.FORMATS,
    }


def progress(request: MemberRequest, pk: int) -> HttpResponse:
    """The fragment that a page polls each second; once the job has ended, the whole of it, which polls no more.

    `told` is the quarter announced last: the live region is sent only when it changes.
    """
    found = _own(request, pk)
    if not request.htmx:
        return redirect("jobs:job", pk=pk)
    figures = live_status.progress_of(found)
    told = request.GET.get("told", "")
    context = {**_context(request, found), "speak": not found.is_live or told != str(figures.quarter)}
    answer = render(request, "jobs/progress.html", context)
    if not found.is_live:
        answer["HX-Retarget"] = answer["HX-Reselect"] = "#job"
        answer["HX-Reswap"] = "outerHTML"
    return answer


@require_POST
def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    try:
        actions.cancel(job=found, by=request.actor)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(
            request,
            _("It stops at its next step; what is not finished is not saved.")
            if found.is_live
            else _("Cancelled. Nothing was done."),
        )
    return redirect("jobs:job", pk=pk)


def result(request: MemberRequest, pk: int) -> HttpResponseBase:
    found = _own(request, pk)
    try:
        actions.record_download(job=found, by=request.actor, what="result")
        return _attached(files.result_of(found), found.result_name)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        return redirect("jobs:job", pk=pk)


def _attached(file: StoredFile | None, name: str) -> FileResponse:
    try:
        return attachment(file, name) if file else _gone()
    except FileNotFoundError:
        return _gone()


def _gone() -> NoReturn:
    raise FileGone


def _open(name: str) -> Any:
    try:
        return storage.opened(name)
    except FileNotFoundError:
        raise FileGone from None


def refused(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The refused rows as a table to mend; `?format=` ods, xlsx or csv."""
    found, fmt = _own(request, pk), request.GET.get("format", "")
    try:
        actions.record_download(job=found, by=request.actor, what="refused")
        _open(found.input_file).close()
        rows = refused_rows(found)
        heading = next(rows)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        return redirect("jobs:job", pk=pk)
    # The rows keep the file open while they are streamed, and close it at their end.
    return tables.download(_("refused rows"), fmt if fmt in tables.FORMATS else "csv", heading, rows)
