"""個人化專屬首頁: a teacher's own training."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.queries.unit_history import unit_names
from courses.enums import EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.models.querysets import EnrolmentQuerySet
from courses.queries import in_charge
from courses.queries.lights import TeacherLight, teacher_colour
from hours.actions import objections
from hours.enums import WAITING
from hours.forms.corrections import ObjectionForm, ReviewForm
from hours.presenters import charts, record_table
from hours.presenters.my_rows import ahead_rows, earned_rows, helping_rows, past_rows
from hours.presenters.object_forms import ObjectForms
from hours.presenters.objection_steps import views_of
from hours.queries import credited, home_rows, teacher
from hours.queries.objections import RELATED, own
from hours.queries.surveys import answerable
from jobs.delivery import requested_format
from kit import clock, tables
from kit.charts import Chart
from kit.charts.responses import download
from kit.errors import Refusal
from kit.numbers import roc_year
from kit.paging import CountedPaginator

YEARS_BACK = 30


def home(request: ActorRequest) -> HttpResponse:
    user_id, year = request.user.pk, clock.this_year()
    policy = YearlyPolicy.objects.in_force(year)
    mine, traces = home_rows.own_rows(user_id, year), home_rows.traces_of(user_id)
    totals, (live, owed) = mine.record, teacher.parted(mine.live)
    ahead = ahead_rows(live, user_id)
    forms = ObjectForms(request, {course for course, state in traces.objections if state in WAITING})
    rows = own(user_id).select_related(*RELATED) if traces.objections else []
    said = CountedPaginator(rows, len(traces.objections), 20).get_page(request.GET.get("objections"))
    my_objections = views_of(said.object_list, request.actor, is_own=True)
    context = {
        "year": year,
        "today": clock.today(),
        "light": TeacherLight(teacher_colour(len(totals.absences), policy), len(totals.absences)),
        "policy": policy,
        "to_red": max(policy.teacher_red_at - len(totals.absences), 0),
        "ahead": ahead,
        "next": next((row for row in ahead if row.enrolment.state == EnrolmentState.ADMITTED), None),
        "helping": helping_rows(teacher.helping_ahead(user_id) if traces.helps else ()),
        "owed": past_rows(sorted(owed, key=lambda row: row.course_id), forms),
        "earned": earned_rows(totals.earned, forms),
        "absences": past_rows(totals.absences, forms),
        "forgotten": past_rows(totals.forgotten, forms),
        "hours": totals.hours,
        "helper_hours": totals.helper_hours,
        "taken": totals.taken,
        "charts": _charts(user_id, year),
        "questionnaires": _questionnaires(user_id) if traces.had_questionnaire else (),
        "said": said,
        "my_objections": my_objections,
    }
    return render(request, "hours/me.html", context)


def _questionnaires(user_id: int) -> EnrolmentQuerySet:
    return answerable(user_id).select_related("course__unit").order_by("course__ends_at", "pk")


def _charts(user_id: int, year: int) -> dict[str, Chart]:
    hours = home_rows.own_hours(user_id, year)
    found = [charts.by_topic(hours.by_topic, year), charts.by_year(hours.by_year)]
    return {chart.text.name: chart for chart in found}


def _year(request: ActorRequest) -> int:
    year = roc_year(request.GET.get("year"), clock.this_year())
    return year if clock.this_year() - YEARS_BACK <= year <= clock.this_year() else clock.this_year()


def record(request: ActorRequest) -> HttpResponseBase:
    """The yearly record, to print."""
    year = _year(request)
    rows = list(teacher.earned(request.user.pk, year))
    if fmt := requested_format(request):
        names = unit_names()
        lines = [record_table.enrolment_cells(row, row.user.name, names) for row in rows]
        return tables.download(f"{year}_研習紀錄", fmt, record_table.HEADER, lines)
    with_hours = teacher.years_with_hours(request.user.pk)
    context = {
        "year": year,
        "first_year": min((row.year for row in with_hours if row.year), default=year),
        "years": [row for row in with_hours if row.year != year],
        "rows": rows,
        "total": credited.participant_hours(rows),
        "helper_total": credited.helper_hours(rows),
        "now": clock.now(),
    }
    return render(request, "hours/my_record.html", context)


def figure(request: ActorRequest, name: str, fmt: str) -> HttpResponseBase:
    year = _year(request)
    return download(_charts(request.user.pk, year).get(name), fmt, f"{year}_{name}")


def _say_sent(request: ActorRequest, course: Course) -> None:
    reached = in_charge.of_course(course)
    if reached.is_nobody:
        said = _(
            "Your objection is recorded, but nobody at %(unit)s can be notified at present. Please telephone: %(phone)s."
        )
        phone = course.contact_phone or course.unit.phone or "–"
        messages.warning(request, said % {"unit": course.unit.name, "phone": phone})
    elif reached.has_handler:
        messages.success(request, _("Your objection has been sent to the handler of the course."))
    else:
        said = _("Your objection has been sent to the unit lead of %(unit)s: the course's handler has left.")
        messages.success(request, said % {"unit": course.unit.name})


@require_POST
def object_to(request: ActorRequest, code: str) -> HttpResponse:
    course = get_object_or_404(Course.objects.public().select_related("unit"), code=code)
    form = ObjectionForm(request.POST)
    # Back to the form, which has the words again.
    back = (
        redirect("courses:public", code=code)
        if request.POST.get("back") == "course"
        else redirect("hours:me")
    )
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["text"])))
        return back
    try:
        objections.object_to(course=course, by=request.actor, text=form.cleaned_data["text"])
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    _say_sent(request, course)
    return redirect("hours:me")


@require_POST
def request_review(request: ActorRequest, pk: int) -> HttpResponse:
    """複查 of an answer to an own objection."""
    objection = get_object_or_404(own(request.user.pk).select_related(*RELATED), pk=pk)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["text"])))
        return redirect("hours:me")
    try:
        row = objections.request_review(objection=objection, by=request.actor, text=form.cleaned_data["text"])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = _("Your request for a review has been sent: %(level)s.")
        messages.success(request, said % {"level": row.get_review_level_display()})
    return redirect("hours:me")
