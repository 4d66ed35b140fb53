"""Who came: a unit's year, and everything about one course in an archive."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.enums import CourseState
from courses.queries.lights import years_shown
from courses.rules import may_manage
from courses.views.registration import own_course
from hours import jobs
from hours.presenters import turnout as words
from hours.queries.turnout import closed_of_year, summed
from jobs import actions
from jobs.delivery import list_file, requested_format, started
from kit import clock
from kit.numbers import roc_year

PAGE = 50


def year(request: ActorRequest) -> HttpResponseBase:
    """The closed courses of a year with their turnout."""
    years = years_shown(clock.this_year())
    chosen = roc_year(request.GET.get("year"), clock.this_year())
    chosen = chosen if chosen in years else clock.this_year()
    unit = request.actor.appointment.unit
    rows = closed_of_year(unit.pk, chosen)
    if fmt := requested_format(request):
        name = f"{unit.code}_{chosen}_研習出席統計"
        return list_file(request, fmt, name, words.YEAR, words.year_rows(rows), number=len(rows))
    context = {
        "year": chosen,
        "years": years,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "total": summed(rows),
    }
    return render(request, "hours/unit_turnout.html", context)


@require_POST
def evidence(request: ActorRequest, code: str) -> HttpResponse:
    """成果資料: start to collect everything about a closed course."""
    course = own_course(request, code)
    if course.state != CourseState.CLOSED or not may_manage(request.actor, course):
        messages.error(request, _("The archive is made by those in charge, after the course is closed."))
        return redirect("courses:detail", code=code)
    back = redirect("hours:receipt", code=code)
    parameters = {"course": course.pk}
    return started(
        request, lambda: actions.start(jobs.EVIDENCE, by=request.actor, parameters=parameters), back=back
    )
