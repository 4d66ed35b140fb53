"""Yearly training records: a lead's of the unit's teachers, an officer's of the county's; to look at and to take along."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.models import County
from accounts.queries.names import distinguish
from audit import log
from courses.views.county import county_of
from hours import jobs
from hours.presenters import record_table
from hours.queries import records
from hours.queries.credited import left_on
from jobs.delivery import MOST_AT_ONCE, deliver
from kit import clock, tables
from kit.periods import Period, running_school_year


def _period(request: ActorRequest) -> Period:
    sent = request.POST or request.GET
    return Period.of(sent.get("year"), sent.get("period"))


def _choices(period: Period) -> dict[str, object]:
    """Return the chosen year and the years to choose from."""
    running = running_school_year() if period.is_school else clock.this_year()
    years = range(running, running - 6, -1)
    return {"period": period, "year": period.year, "years": years}


def index(request: ActorRequest) -> HttpResponse:
    period, unit_id = _period(request), request.actor.appointment.unit_id
    rows = records.records(unit_id, period)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    people = list(page.object_list)
    known = distinguish(people, one_unit=True)
    _seen(request, [row.user_id for row in people])
    context = {
        **_choices(period),
        "page": page,
        "people": [(row, known[row.user_id].known_by, left_on(row)) for row in people],
        "served": records.people_served(unit_id, period),
        "formats": tables.FORMATS,
    }
    return render(request, "hours/records.html", context)


def download(request: ActorRequest, fmt: str) -> HttpResponseBase:
    if fmt not in tables.FORMATS:
        raise Http404
    by = request.actor
    period, unit = _period(request), by.appointment.unit
    found = records.records(unit.pk, period)

    def at_once() -> HttpResponseBase:
        jobs.note_unit(by, unit, found, period, fmt)
        name = jobs.unit_file(unit, period)
        return tables.download(name, fmt, record_table.HEADER, record_table.export_rows(found))

    facts = jobs.parameters(period, fmt)
    return deliver(request, jobs.UNIT_RECORDS, rows=found.count(), parameters=facts, at_once=at_once)


def county(request: ActorRequest) -> HttpResponse:
    """How many records a year of the county has, and the ways to take them along."""
    period, chosen = _period(request), county_of(request)
    rows = records.county_records(chosen.pk, period).count() if chosen else 0
    context = {
        "county": chosen,
        "counties": County.objects.all() if request.actor.is_operator_hat else [],
        **_choices(period),
        "rows": rows,
        "large": rows > MOST_AT_ONCE,
        "formats": tables.FORMATS,
    }
    return render(request, "hours/county_records.html", context)


def county_download(request: ActorRequest, fmt: str) -> HttpResponseBase:
    if fmt not in tables.FORMATS:
        raise Http404
    by = request.actor
    period, chosen = _period(request), county_of(request)
    if chosen is None:
        messages.warning(request, _("Choose a county first."))
        return redirect("hours:county_records")
    found = records.county_records(chosen.pk, period)

    def at_once() -> HttpResponseBase:
        jobs.note_county(by, chosen, found, period, fmt)
        name = jobs.county_file(chosen, period)
        return tables.download(name, fmt, record_table.COUNTY_HEADER, record_table.county_rows(found))

    facts = {"county": chosen.pk, **jobs.parameters(period, fmt)}
    return deliver(request, jobs.COUNTY_RECORDS, rows=found.count(), parameters=facts, at_once=at_once)


def _seen(request: ActorRequest, people: Iterable[int]) -> None:
    actor = request.actor
    log.record_read(
        "read.records", actor.appointment.unit, by=actor, subjects=set(people), unit_id=actor.unit_id
    )
