"""Oversight: units by need, chase, export, year-end. A county officer sees the own county, the operator any."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.models import County, Unit
from accounts.queries.unit_history import past_of
from courses import jobs
from courses.actions import lights, reminders
from courses.enums import Colour, CourseState
from courses.models import Course, LightChange, UnitLight, YearlyPolicy
from courses.presenters import charts, lists
from courses.queries import forecast, oversight, queues
from courses.queries.lights import light_of
from courses.queries.overview_facts import long_overdue
from jobs.delivery import deliver, list_file, requested_format
from kit import clock, tables
from kit.errors import Refusal
from kit.numbers import roc_year, whole_number, whole_numbers
from kit.paging import ShortPaginator
from kit.search_texts import search_text

PAGE = 50
FILTERS = ("county", "colour", "q", "page")


def county_of(request: ActorRequest) -> County | None:
    """The officer's own county; the operator's choice, or all."""
    actor = request.actor
    if actor.is_county_hat:
        return actor.county
    pk = whole_number(request.GET.get("county") or request.POST.get("county"), 0)
    return get_object_or_404(County, pk=pk) if pk else None


def _filters(request: ActorRequest, county: County | None) -> dict[str, Any]:
    return {
        "county": county.pk if county else None,
        "colour": request.GET.get("colour", ""),
        "words": search_text(request, request.GET.get("q", "")),
    }


def _lights(request: ActorRequest, county: County | None) -> QuerySet[UnitLight]:
    """Return the requested list; a unit without a light gets one first."""
    facts = _filters(request, county)
    lights.complete(county_id=facts["county"])
    return oversight.lights_matching(facts["county"], facts["colour"], facts["words"])


def overview(request: ActorRequest) -> HttpResponse:
    county = county_of(request)
    county_id, year = county.pk if county else None, clock.this_year()
    rows = _lights(request, county)
    counts = oversight.colours(county_id, year)
    context = {
        "county": county,
        "counties": County.objects.all() if request.actor.is_operator_hat else [],
        "page": Paginator(oversight.chased(rows), PAGE).get_page(request.GET.get("page")),
        "reds": counts.get(Colour.RED, 0),
        "chart": charts.colours(counts, year),
        "colours": Colour.choices,
        "kept": _filter_query(request),
        "charts_query": f"?county={county_id}" if county_id else "",
        "chosen": request.GET.get("chosen", ""),
        "year": year,
        "rest": oversight.rest_of(county_id),
        # The nation's forecast is on its own page alone: it reads every unclosed course.
        "ahead": forecast.number_ahead(county_id, clock.today()) if county_id else 0,
        "until": forecast.window_end(clock.today()),
        "waiting": queues.of_staff(request.actor) if request.actor.is_county_hat else {},
        "late": long_overdue(clock.today()).filter(unit__county=county).count() if county else 0,
    }
    return render(request, "courses/county/overview.html", context)


def export(request: ActorRequest) -> HttpResponseBase:
    """The page's rows, filters included, in any format; a long list is made in the background."""
    county = county_of(request)
    fmt = requested_format(request) or "csv"
    rows = _lights(request, county)
    return deliver(
        request,
        jobs.LIGHTS,
        rows=rows.count(),
        parameters=_filters(request, county) | {"format": fmt},
        at_once=lambda: tables.download(
            lists.lights_file(county), fmt, lists.lights_header(), lists.lights(rows)
        ),
    )


def _filter_query(request: ActorRequest, **more: int) -> str:
    """The list's filters as a query, to come back to the same list."""
    kept = {name: value for name in FILTERS if (value := request.GET.get(name))} | more
    return f"?{urlencode(kept)}" if kept else ""


def _chosen(request: ActorRequest) -> list[int]:
    """The units meant: one by its own button, all red ones, all of the list, or the ticked ones."""
    if "only" in request.POST:
        return [whole_number(request.POST["only"], 0)]
    if "red" in request.POST or "all" in request.POST:
        rows = oversight.with_need(_lights(request, county_of(request)))
        rows = rows.filter(colour=Colour.RED) if "red" in request.POST else rows
        return list(rows.values_list("unit_id", flat=True))
    return whole_numbers(request.POST.getlist("unit"))


@require_POST
def chase(request: ActorRequest) -> HttpResponse:
    """Remind a few units at once, many in a job with a progress page."""
    year = roc_year(request.POST.get("year"), 0) or None
    units = _chosen(request)
    back = redirect("courses:year_end" if year else "courses:county")
    back["Location"] += _filter_query(request, **({"year": year} if year else {}))
    if not units:
        messages.warning(request, _("Choose at least one unit first."))
        return back
    try:
        if len(units) > jobs.UNITS_AT_ONCE:
            job = reminders.chase_in_background(by=request.actor, unit_ids=units, year=year)
            return redirect("jobs:job", pk=job.pk)
        told = reminders.chase(by=request.actor, unit_ids=units, year=year)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    messages.success(request, jobs.chased(told))
    return back


def year_end(request: ActorRequest) -> HttpResponseBase:
    """Unclosed courses of last year (or ?year=) against the final deadline."""
    year = roc_year(request.GET.get("year"), oversight.last_year())
    if not 1 <= year <= clock.this_year():
        year = oversight.last_year()
    county = county_of(request)
    policy = YearlyPolicy.objects.in_force(year)
    rows = oversight.year_end(year, county.pk if county else None)
    if fmt := requested_format(request):
        name = f"{county or '全國'}_{year}_年度清結"
        return list_file(request, fmt, name, lists.YEAR_END, lists.year_end(rows), number=rows.count())
    context: dict[str, Any] = {
        "county": county,
        "year": year,
        "years": range(clock.this_year(), clock.this_year() - 5, -1),
        "last_day": policy.announced_last_day,
        "days_left": (policy.announced_last_day - clock.today()).days,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "courses/county/year_end.html", context)


def unit(request: ActorRequest, pk: int) -> HttpResponse:
    county = county_of(request)
    units = Unit.objects.select_related("county", "parent")
    found = get_object_or_404(units.filter(county=county) if county else units, pk=pk)
    year = clock.this_year()
    own = Course.objects.of_unit(found.pk).select_related("handler__user")
    withdrawn = own.filter(state=CourseState.WITHDRAWN).select_related("withdrawn_by")
    lists = {
        "causes": own.lighting(year).order_by("ends_on", "id"),
        "unclosed": own.closable().order_by("ends_on", "id"),
        "changes": LightChange.objects.filter(unit=found, year=year),
        "withdrawn": withdrawn.order_by("-withdrawn_at", "-id"),
    }
    context = {
        "unit": found,
        "light": light_of(found),
        "successions": found.successions.select_related("successor"),
        "past": past_of(found),
        **{name: ShortPaginator(rows, PAGE).get_page(request.GET.get(name)) for name, rows in lists.items()},
    }
    return render(request, "courses/county/unit.html", context)
