"""The record: "who saw my record" for each person, the unit's for its lead, the county's, everything for the operator."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.presenters import audit_words
from accounts.queries.record import about_person, in_reach, narrowed
from audit import log
from audit.models import AuditEvent, EventKind
from jobs.delivery import requested_format, too_long
from kit import clock, tables
from kit.search_texts import search_text

PAGE = 50
HEADINGS = [
    "when (UTC)",
    "person",
    "hat",
    "kind",
    "act",
    "object",
    "reason",
    "before",
    "after",
    "address",
    "request",
]


def mine(request: ActorRequest) -> HttpResponse:
    """Who saw or changed the own record."""
    return _page(request, about_person(request.user.pk), own=True)


def export_mine(request: ActorRequest) -> HttpResponseBase:
    """The own record as a table, in the words of its page."""
    found = narrowed(about_person(request.user.pk), **_filters(request))
    headings = [_("When"), _("Who"), _("Hat"), _("Act"), _("About"), _("Reason"), _("Network address")]
    lines = _own_lines(found, int(request.user.pk or 0))
    return _file(request, found, headings, lines)


def everything(request: ActorRequest) -> HttpResponse:
    """What the hat may read of the record."""
    return _page(request, in_reach(request.actor), own=False)


def export(request: ActorRequest) -> HttpResponseBase:
    actor = request.actor
    about = actor.appointment.unit
    log.record("record.export", about, by=actor, unit_id=actor.unit_id, after=_narrowed_by(request))
    return _export(request, in_reach(actor))


def _narrowed_by(request: ActorRequest) -> dict[str, str]:
    return {name: str(value) for name, value in _filters(request).items() if value}


def _filters(request: ActorRequest) -> dict[str, Any]:
    return {
        "kind": request.GET.get("kind", "")[:10],
        "act": search_text(request, request.GET.get("act", ""), 60),
        "who": search_text(request, request.GET.get("who", ""), 60),
        "first": _day(request.GET.get("first", "")),
        "last": _day(request.GET.get("last", "")),
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(request: ActorRequest, rows: QuerySet[AuditEvent], *, own: bool) -> HttpResponse:
    filters = _filters(request)
    found = narrowed(rows, **filters)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "kinds": EventKind.choices,
        "filters": filters,
        "own": own,
        "query": request.GET.urlencode(),
    }
    return render(request, "accounts/record.html", context)


def _export(request: ActorRequest, rows: QuerySet[AuditEvent]) -> HttpResponseBase:
    found = narrowed(rows, **_filters(request))
    return _file(request, found, HEADINGS, _lines(found))


def _file(
    request: ActorRequest, found: QuerySet[AuditEvent], headings: list[str], lines: Iterator[list[str]]
) -> HttpResponseBase:
    """CSV unless `?download=` names another format."""
    fmt = requested_format(request) or "csv"
    number = 0 if fmt == "csv" else found.count()
    refused = too_long(request, fmt, number)
    return refused or tables.download(f"record-{clock.today():%Y%m%d}", fmt, headings, lines)


def _own_lines(rows: QuerySet[AuditEvent], reader: int) -> Iterator[list[str]]:
    for row in rows.iterator(chunk_size=1000):
        yield [
            f"{row.at.astimezone(clock.TAIPEI):%Y/%m/%d %H:%M}",
            audit_words.actor_words(row),
            audit_words.hat_words(row),
            audit_words.act_words(row),
            row.object_label,
            audit_words.reason_words(row),
            audit_words.address_for(row, reader),
        ]


def _lines(rows: QuerySet[AuditEvent]) -> Iterator[list[str]]:
    for row in rows.iterator(chunk_size=1000):
        yield [
            f"{row.at:%Y-%m-%dT%H:%M:%SZ}",
            row.actor_label,
            row.hat,
            row.kind,
            row.action,
            row.object_label,
            row.reason,
            str(row.before or ""),
            str(row.after or ""),
            row.address,
            row.request_id,
        ]
