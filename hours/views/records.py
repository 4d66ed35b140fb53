"""The unit lead's yearly records of the unit's teachers, to look at and to take along."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.views.guards import unit_lead_required
from audit import log
from courses.views.unit import whole_number
from hours.queries.records import HEADER, export_rows, records
from inservice import clock, tables


def _year(request: HttpRequest) -> int:
    year = whole_number(request.GET.get("year"), clock.this_year())
    return year if 1 <= year <= clock.this_year() + 1 else clock.this_year()


@unit_lead_required
def index(request: HttpRequest) -> HttpResponse:
    year = _year(request)
    rows = records(request.actor.unit_id, year)  # type: ignore[attr-defined]
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    page.object_list = people = list(page.object_list)
    _seen(request, [row.user_id for row in people])
    context = {
        "year": year,
        "years": range(clock.this_year(), clock.this_year() - 6, -1),
        "page": page,
        "formats": tables.FORMATS,
    }
    return render(request, "hours/records.html", context)


@unit_lead_required
def download(request: HttpRequest, fmt: str) -> HttpResponse:
    if fmt not in tables.FORMATS:
        raise Http404
    year, unit = _year(request), request.actor.account.unit  # type: ignore[attr-defined]
    log.record("records.export", unit, by=request.actor, unit_id=unit.pk, after={"year": year, "format": fmt})  # type: ignore[attr-defined]
    found = records(unit.pk, year)
    _seen(request, found.order_by().values_list("user_id", flat=True).distinct())
    return tables.download(f"{unit.code}_{year}_研習紀錄", fmt, HEADER, export_rows(found))  # type: ignore[return-value]


def _seen(request: HttpRequest, people: Iterable[int]) -> None:
    actor = request.actor  # type: ignore[attr-defined]
    log.record_read("read.records", actor.account.unit, by=actor, subjects=set(people), unit_id=actor.unit_id)
