"""圖表: a unit's and a county's pictures, and each as a file or with the table behind it."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.acting import ActorRequest
from courses.actions import lights
from courses.models import YearlyPolicy
from courses.presenters import charts
from courses.queries.lights import years_shown
from courses.views.county import county_of
from kit import clock
from kit.charts import Chart
from kit.charts.responses import download
from kit.numbers import roc_year


def _year(request: ActorRequest) -> int:
    year = roc_year(request.GET.get("year"), clock.this_year())
    return year if year in _years() else clock.this_year()


def _years() -> list[int]:
    return years_shown(clock.this_year())


def _unit_charts(request: ActorRequest) -> dict[str, Chart]:
    unit = request.actor.appointment.unit
    return charts.of_unit(unit, _year(request), clock.today(), YearlyPolicy.objects.current())


def unit(request: ActorRequest) -> HttpResponse:
    year = _year(request)
    context = {"charts": _unit_charts(request), "year": year, "years": _years(), "query": f"?year={year}"}
    return render(request, "courses/unit/figures.html", context)


def unit_file(request: ActorRequest, name: str, fmt: str) -> HttpResponseBase:
    code = request.actor.appointment.unit.code
    return download(_unit_charts(request).get(name), fmt, f"{code}_{_year(request)}_{name}")


def _county_charts(request: ActorRequest) -> dict[str, Chart]:
    county = county_of(request)
    policies = YearlyPolicy.objects.current()
    lights.complete(county_id=county.pk if county else None, year=_year(request))
    return charts.of_county(county.pk if county else None, _year(request), clock.today(), policies)


def county(request: ActorRequest) -> HttpResponse:
    year, found = _year(request), county_of(request)
    query = f"?year={year}" + (f"&county={found.pk}" if found else "")
    context = {
        "county": found,
        "charts": _county_charts(request),
        "year": year,
        "years": _years(),
        "query": query,
    }
    return render(request, "courses/county/figures.html", context)


def county_file(request: ActorRequest, name: str, fmt: str) -> HttpResponseBase:
    place = county_of(request) or "全國"
    return download(_county_charts(request).get(name), fmt, f"{place}_{_year(request)}_{name}")
