"""個人化專屬首頁: a teacher's own training."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.enums import EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.queries.lights import TeacherLight, teacher_colour
from hours.actions import objections
from hours.forms.corrections import ObjectionForm
from hours.models import Objection
from hours.queries import teacher
from inservice import clock
from inservice.errors import Refusal


def home(request: HttpRequest) -> HttpResponse:
    user_id, year = request.user.pk, clock.this_year()
    ahead = list(teacher.ahead(user_id))
    policy = YearlyPolicy.objects.in_force(year)
    for row in ahead:
        row.last_day = row.course.last_day_to_cancel(policy.cancel_days_before)
        row.may_cancel = (
            row.state != EnrolmentState.ADMITTED or not row.last_day or clock.today() <= row.last_day
        )
    said = list(
        Objection.objects.filter(enrolment__user_id=user_id).select_related(
            "enrolment__course", "answered_by"
        )
    )
    absences = list(teacher.absences(user_id, year))
    context = {
        "year": year,
        "light": TeacherLight(teacher_colour(len(absences), policy), len(absences)),
        "policy": policy,
        "ahead": ahead,
        "owed": teacher.owed(user_id),
        "absences": absences,
        "forgotten": teacher.forgotten(user_id),
        "earned": teacher.earned(user_id, year),
        "years": teacher.hours_by_year(user_id),
        "objections": {o.enrolment_id: o for o in reversed(said)},
        "said": said[:20],
    }
    context["hours_now"] = next((y.hours for y in context["years"] if y.year == year), 0)
    return render(request, "hours/me.html", context)


@require_POST
def object_to(request: HttpRequest, code: str) -> HttpResponse:
    course = get_object_or_404(Course, code=code, enrolments__user_id=request.user.pk)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["text"]))
        return redirect("hours:me")
    try:
        objections.object_to(course=course, by=request.actor, text=form.cleaned_data["text"])  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Your objection has been sent to the handler."))
    return redirect("hours:me")
