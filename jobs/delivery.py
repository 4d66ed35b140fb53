"""Tables to take along, a small one at once, a large one made in the background; and the way to the job of an action."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from audit import log
from jobs import actions
from jobs.models import Job
from kit import tables
from kit.errors import Refusal
from kit.http_requests import MemberRequest

MOST_AT_ONCE = 2000
# A spreadsheet of this many rows is made in seconds.
MOST_IN_A_SHEET = 20_000


def deliver(
    request: MemberRequest,
    name: str,
    *,
    rows: int,
    parameters: Mapping[str, Any],
    at_once: Callable[[], HttpResponseBase],
) -> HttpResponseBase:
    """Return the table itself if it has few rows. For a large one, POST starts the work `name`; GET shows a page that offers it."""
    if rows <= MOST_AT_ONCE:
        return at_once()
    if request.method != "POST":
        return render(request, "jobs/large.html", {"rows": rows})
    job = actions.start(name, by=request.actor, parameters=parameters, total=rows)
    return redirect("jobs:job", pk=job.pk)


def started(request: HttpRequest, begin: Callable[[], Job], *, back: HttpResponse) -> HttpResponse:
    """Return the redirect to the job that an action begins, or `back` with its refusal as a message."""
    try:
        job = begin()
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    return redirect("jobs:job", pk=job.pk)


def requested_format(request: HttpRequest) -> str:
    """Return the format of `?download=`, or empty for the page itself."""
    asked = request.GET.get("download", "")
    return asked if asked in tables.FORMATS else ""


def too_long(request: HttpRequest, fmt: str, number: int) -> HttpResponse | None:
    """The way back with a sentence, where a spreadsheet would have too many rows to be made at once."""
    if fmt == "csv" or number <= MOST_IN_A_SHEET:
        return None
    said = _(
        "The list has %(number)s rows; a spreadsheet is made for up to %(most)s. Narrow the list, or take CSV."
    )
    messages.warning(request, said % {"number": number, "most": MOST_IN_A_SHEET})
    query = request.GET.copy()
    query.pop("download", None)
    return redirect(f"{request.path}?{query.urlencode()}")


def list_file(
    request: MemberRequest,
    fmt: str,
    name: str,
    header: tables.Row,
    rows: Iterable[tables.Row],
    *,
    number: int,
) -> HttpResponseBase:
    """A list of a page as a file, recorded with its name and length. All lists go through here, each in every format.

    CSV is streamed at any length; a spreadsheet that is too long to be made at once is refused by a sentence.
    """
    if refused := too_long(request, fmt, number):
        return refused
    by = request.actor
    about = by.account or by.user
    after = {"list": name, "format": fmt, "rows": number}
    log.record("list.export", about, by=by, unit_id=by.unit_id, after=after)
    return tables.download(name, fmt, header, rows)
