"""預測: which units turn red if nobody acts, and notifying just those."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.models import County
from courses import jobs
from courses.actions import reminders
from courses.presenters import forecast as words
from courses.queries import forecast
from courses.views.county import county_of
from jobs.delivery import list_file, requested_format
from kit import clock
from kit.errors import Refusal
from kit.numbers import whole_numbers

PAGE = 50


def page(request: ActorRequest) -> HttpResponseBase:
    county, today = county_of(request), clock.today()
    county_id = county.pk if county else None
    soon = forecast.ahead_of(county_id, today)
    if fmt := requested_format(request):
        name = words.file_name(county)
        return list_file(request, fmt, name, words.HEADER, words.rows(soon), number=len(soon))
    end = clock.year_bounds(clock.roc_year(today))[1]
    days = forecast.red_days(today, end, forecast.units_of(county_id))
    context = {
        "county": county,
        "counties": County.objects.all() if request.actor.is_operator_hat else [],
        "page": Paginator(soon, PAGE).get_page(request.GET.get("page")),
        "until": forecast.window_end(today),
        "next": soon[0].red_on if soon else min((red_on for red_on, _lit in days.values()), default=None),
        "by_year_end": len(days),
        "chart": words.chart(
            today, forecast.red_now(county_id, today), {pk: red_on for pk, (red_on, _lit) in days.items()}
        ),
        "year_end": end,
    }
    return render(request, "courses/county/forecast.html", context)


@require_POST
def notify(request: ActorRequest) -> HttpResponse:
    """Notify the ticked units, or all of the list; many in a job."""
    county = county_of(request)
    back = redirect("courses:forecast")
    if query := request.GET.urlencode():
        back["Location"] += f"?{query}"
    units = whole_numbers(request.POST.getlist("unit"))
    if "all" in request.POST:
        units = [row.unit.pk for row in forecast.ahead_of(county.pk if county else None, clock.today())]
    if not units:
        messages.warning(request, _("Choose at least one unit first."))
        return back
    try:
        if len(units) > jobs.UNITS_AT_ONCE:
            job = reminders.chase_in_background(by=request.actor, unit_ids=units, ahead=True)
            return redirect("jobs:job", pk=job.pk)
        told = reminders.warn(by=request.actor, unit_ids=units)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    messages.success(request, jobs.chased(told))
    return back
