"""The public side: catalogue, one course, enrol, cancel."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.actions import enrolments
from courses.enums import LIVE, CourseState, EnrolmentState
from courses.filters import CourseFilter
from courses.models import Course, Enrolment
from inservice import clock
from inservice.errors import Refusal
from inservice.paging import CappedPaginator

PAGE = 20
RELATED = ("unit__county", "nature")


@login_not_required
def catalogue(request: HttpRequest) -> HttpResponse:
    # An address without questions asks the usual one: what is not over.
    found = CourseFilter(request.GET, queryset=Course.objects.public())
    ordered = found.in_turn(found.queryset) if found.is_valid() else []
    rows = Course.objects.select_related(*RELATED)
    page = CappedPaginator(rows, *ordered, per_page=PAGE, asked=request.GET.get("page")).asked_page()
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "courses/partials/catalogue_results.html" if partial else "courses/catalogue.html"
    return render(request, template, {"page": page, "form": found.form, "today": clock.today()})


@login_not_required
def public(request: HttpRequest, code: str) -> HttpResponse:
    course = get_object_or_404(
        Course.objects.exclude(state=CourseState.DRAFT).select_related(*RELATED, "handler__user"), code=code
    )
    if course.state == CourseState.WITHDRAWN:
        return render(request, "courses/withdrawn.html", {"course": course}, status=410)
    mine = _mine(request, course)
    context = {
        "course": course,
        "sessions": course.sessions.all(),
        "instructors": course.instructors.all(),
        "mine": mine,
        "full": mine is not None and mine.state in (EnrolmentState.ADMITTED, EnrolmentState.ATTENDED),
        **_may(course, mine),
    }
    return render(request, "courses/public.html", context)


def _mine(request: HttpRequest, course: Course) -> Enrolment | None:
    if not request.user.is_authenticated:
        return None
    return Enrolment.objects.filter(course=course, user_id=request.user.pk).first()


def _may(course: Course, mine: Enrolment | None) -> dict[str, Any]:
    """What the two buttons may do, and why not: the same rules that the actions ask."""
    again = mine is None or mine.state == EnrolmentState.CANCELLED
    last_day = enrolments.last_day_to_cancel(course)
    in_time = last_day is None or clock.today() <= last_day
    live = mine is not None and mine.state in LIVE and not course.has_ended()
    return {
        "may_enrol": again
        and course.enrolment_is_open()
        and (course.seats_left or course.waiting_list or course.admission == "review"),
        "why_not": _why_not(course) if again else "",
        "may_cancel": live and (in_time or (mine is not None and mine.state != EnrolmentState.ADMITTED)),
        "too_late": live and not in_time,
        "last_day": last_day,
    }


def _why_not(course: Course) -> str:
    today = clock.today()
    if course.state == CourseState.CLOSED or course.has_ended():
        return _("This course is over.")
    if course.enrol_from and today < course.enrol_from:
        return _("Enrolment opens on %(day)s.") % {"day": clock.to_roc(course.enrol_from)}
    if not course.enrolment_is_open():
        return _("Enrolment is closed.")
    if not course.seats_left and not course.waiting_list and course.admission != "review":
        return _("All places are taken.")
    return ""


def _public_course(code: str) -> Course:
    return get_object_or_404(Course.objects.exclude(state=CourseState.DRAFT), code=code)


@require_POST
def enrol(request: HttpRequest, code: str) -> HttpResponse:
    course = _public_course(code)
    try:
        row = enrolments.enrol(course=course, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = {
            EnrolmentState.ADMITTED: _("You are enrolled and have a place."),
            EnrolmentState.APPLIED: _("You have applied. The organiser decides and you will be told."),
            EnrolmentState.WAITLISTED: _(
                "The course is full; you are on the waiting list and will be told when you move up."
            ),
        }
        messages.success(request, said[EnrolmentState(row.state)])
    return redirect("courses:public", code=code)


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    course = _public_course(code)
    try:
        enrolments.cancel(course=course, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request, _("Cancelled. Your place is free for somebody else, and this is no absence.")
        )
    return redirect("home") if request.POST.get("back") == "me" else redirect("courses:public", code=code)
