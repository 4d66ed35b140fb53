"""未能出席: the unit's list of who said that they cannot come, with the decisions; a person's own statement."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import access_log
from courses.actions import planned_absences
from courses.enums import EnrolmentState, PlannedAbsenceState
from courses.models import Course
from courses.queries.planned_absences import visible_to
from kit.errors import Refusal

RELATED = ("enrolment__user", "enrolment__unit", "enrolment__course__handler__user", "decided_by")


def index(request: ActorRequest) -> HttpResponse:
    rows = visible_to(request.actor).select_related(*RELATED).prefetch_related("enrolment__course__sessions")
    waiting = rows.filter(state=PlannedAbsenceState.OPEN).order_by("enrolment__course__starts_on", "id")
    decided = rows.exclude(state=PlannedAbsenceState.OPEN).order_by("-decided_at", "-id")
    context = {
        "open": Paginator(waiting, 50).get_page(request.GET.get("open")),
        "page": Paginator(decided, 20).get_page(request.GET.get("page")),
    }
    shown = [*context["open"].object_list, *context["page"].object_list]
    access_log.rows_seen("read.absences", by=request.actor, rows=shown)
    return render(request, "courses/unit/absences.html", context)


@require_POST
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(visible_to(request.actor).select_related(*RELATED), pk=pk)
    action = request.POST.get("action")
    if action not in ("accept", "refuse"):
        messages.error(request, _("Choose whether you accept it."))
        return redirect("courses:absences")
    is_accepted = action == "accept"
    try:
        planned_absences.decide(planned=row, by=request.actor, is_accepted=is_accepted)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        row.enrolment.refresh_from_db(fields=["state"])
        messages.success(request, _said(is_accepted, row.enrolment.state == EnrolmentState.CANCELLED))
    return redirect("courses:absences")


def _said(is_accepted: bool, is_freed: bool) -> str:
    if is_freed:
        return _("Accepted without an absence; the place is free again. The person has been notified.")
    if is_accepted:
        return _("Accepted: the person is excused when you close the course, and has been notified.")
    return _("Not accepted. The person has been notified.")


@require_POST
def state(request: ActorRequest, code: str) -> HttpResponse:
    course = get_object_or_404(Course.objects.public(), code=code)
    try:
        planned = planned_absences.state(course=course, by=request.actor, kind=request.POST.get("kind", ""))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = _("The organiser has been notified that you cannot come, and decides.")
        if planned is None:
            said = _("Your enrolment in “%(title)s” is cancelled. This is no absence.") % {
                "title": course.title
            }
        messages.success(request, said)
    return redirect("courses:public", code=code)


@require_POST
def take_back(request: ActorRequest, code: str) -> HttpResponse:
    course = get_object_or_404(Course.objects.public(), code=code)
    try:
        planned_absences.take_back(course=course, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Taken back: the organiser has been notified that you come."))
    return redirect("courses:public", code=code)
