"""核發時數 → 結案: the page, and the receipt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.views.guards import unit_hat_required
from courses.actions.reading import people_seen
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.queries.lights import light_of, overdue_now, unit_colour
from courses.rules import may_manage
from courses.views.registration import own_course
from hours.actions.closing import close_course, hour_step
from hours.errors import AlreadyClosed
from hours.forms import closing as sheets
from hours.models import Closing, HourCredit
from inservice import clock
from inservice.errors import Refusal


@unit_hat_required
def close(request: HttpRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    if refused := _not_now(request, course):
        return refused
    step = hour_step(course)
    if request.method != "POST":
        return _page(request, sheets.fresh(course, step))
    sheet = sheets.posted(course, step, request.POST)
    action = request.POST.get("action", "check")
    if action == "add":
        sheet.add_walk_in(request.POST.get("walk_in", ""))
    elif action == "close" and sheet.is_valid:
        return _close(request, course, sheet)
    return _page(request, sheet, checked=action == "check" and sheet.is_valid)


def _not_now(request: HttpRequest, course: Course) -> HttpResponse | None:
    """Where the page cannot be used, a sentence and a way on. A repeated request still reaches the action."""
    if not may_manage(request.actor, course):  # type: ignore[attr-defined]
        messages.error(
            request, _("Only the course's handler (%s) or the unit lead may do this.") % course.handler.user
        )
    elif course.state == CourseState.CLOSED:
        if request.method == "POST":
            return _repeat(request, course)
        return redirect("hours:receipt", code=course.code)
    elif course.state != CourseState.REGISTERED:
        messages.error(
            request, _("This course cannot be closed: its state is “%s”.") % course.get_state_display()
        )
    elif not course.has_ended():
        return render(request, "hours/not_over.html", {"course": course})
    else:
        return None
    return redirect("courses:detail", code=course.code)


def _repeat(request: HttpRequest, course: Course) -> HttpResponse:
    closing = Closing.objects.select_related("closed_by").get(course=course)
    if request.POST.get("request_key") != closing.request_key:
        when = f"{clock.to_roc(clock.day_of(closing.closed_at))}"
        messages.error(request, AlreadyClosed(when=when, who=closing.closed_by.name).message)
    return redirect("hours:receipt", code=course.code)


def _close(request: HttpRequest, course: Course, sheet: sheets.ClosingSheet) -> HttpResponse:
    try:
        close_course(course=course, by=request.actor, sheet=sheet.sheet())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _page(request, sheet)
    return redirect("hours:receipt", code=course.code)


def _page(request: HttpRequest, sheet: sheets.ClosingSheet, checked: bool = False) -> HttpResponse:
    shown = [row.person.pk for row in sheet.everybody if row.person]
    people_seen(sheet.course, by=request.actor, people=shown)  # type: ignore[attr-defined]
    context = {"course": sheet.course, "sheet": sheet, "checked": checked, "effect": _effect(sheet.course)}
    return render(request, "hours/close.html", context)


def _effect(course: Course) -> dict[str, object]:
    """What closing this course would do to the unit's light."""
    year = clock.this_year()
    policy = YearlyPolicy.objects.in_force(year)
    before = overdue_now(course.unit_id)
    counted = Course.objects.of_unit(course.unit_id).lighting(year).filter(pk=course.pk).exists()
    after = before - counted
    return {
        "before": before,
        "after": after,
        "colour": unit_colour(after, policy),
        "opens": unit_colour(before, policy) == "red" and unit_colour(after, policy) != "red",
    }


@unit_hat_required
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    closing = get_object_or_404(Closing.objects.select_related("closed_by", "account"), course=course)
    net = HourCredit.objects.filter(course=course).order_by().by_enrolment()
    outcomes = [EnrolmentState.ATTENDED, EnrolmentState.ABSENT, EnrolmentState.EXCUSED]
    rows = list(
        course.enrolments.filter(state__in=outcomes)
        .select_related("user", "unit")
        .order_by("unit__code", "user__name")
    )
    people_seen(course, by=request.actor, people=[row.user_id for row in rows])  # type: ignore[attr-defined]
    for row in rows:
        row.net = net.get(row.pk)
    context = {
        "course": course,
        "closing": closing,
        "rows": rows,
        "light": light_of(course.unit),
        "next": Course.objects.of_unit(course.unit_id)
        .closable()
        .filter(handler=course.handler)
        .order_by("ends_on")
        .first(),
    }
    return render(request, "hours/receipt.html", context)
