"""課程登錄: the form, registering, copying, discarding, and 課程登錄錯誤."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.views.guards import unit_hat_required
from courses.actions import registration, withdrawal
from courses.enums import CourseState, EnrolmentState
from courses.forms import CourseForm, InstructorFormSet, SessionFormSet, WithdrawalForm, course_data
from courses.models import Course, YearlyPolicy
from courses.queries.lights import overdue_now, registration_is_open
from courses.rules import may_manage
from inservice import clock
from inservice.errors import Refusal


def own_course(request: HttpRequest, code: str) -> Course:
    """A course of the unit whose hat is on; another unit's answers 404 as an unknown one does."""
    rows = Course.objects.manageable_by(request.actor).select_related(
        "unit", "handler__user", "handler__unit", "nature"
    )  # type: ignore[attr-defined]
    return get_object_or_404(rows, code=code)


@unit_hat_required
def new(request: HttpRequest) -> HttpResponse:
    return _form_page(request, None)


@unit_hat_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    if not may_manage(request.actor, course):  # type: ignore[attr-defined]
        messages.error(
            request, _("Only the course's handler (%s) or the unit lead may do this.") % course.handler.user
        )
        return redirect("courses:detail", code=code)
    return _form_page(request, course)


def _form_page(request: HttpRequest, course: Course | None) -> HttpResponse:
    forms = _forms(request, course)
    if request.method == "POST" and all(f.is_valid() for f in forms):
        saved = _save(request, course, forms)
        if saved is not None:
            return saved
    form, sessions, instructors = forms
    account = request.actor.account  # type: ignore[attr-defined]
    context = {
        "form": form,
        "sessions": sessions,
        "instructors": instructors,
        "course": course,
        "gate_open": registration_is_open(account.unit_id),
        "overdue": overdue_now(account.unit_id),
        "earlier": Course.objects.of_unit(account.unit_id)
        .exclude(state=CourseState.DRAFT)
        .order_by("-created_at")[:10],
    }
    return render(request, "courses/form/course.html", context)


def _forms(request: HttpRequest, course: Course | None) -> tuple[CourseForm, Any, Any]:
    data = request.POST if request.method == "POST" else None
    if course is None:
        initial: dict[str, Any] = _defaults(request)
        return (
            CourseForm(data, initial=initial),
            SessionFormSet(data, prefix="sessions"),
            InstructorFormSet(data, prefix="instructors"),
        )
    rows = [
        {
            "day": clock.day_of(s.starts_at),
            "starts": s.starts_at.astimezone(clock.TAIPEI).time(),
            "ends": s.ends_at.astimezone(clock.TAIPEI).time(),
            "place": s.place,
        }
        for s in course.sessions.all()
    ]
    people = list(course.instructors.values("name", "organisation"))
    return (
        CourseForm(data, instance=course, initial={"version": course.version}),
        _Complete(data, initial=rows, prefix="sessions"),
        _CompletePeople(data, initial=people, prefix="instructors"),
    )


class _KeepsInitial:
    """Rows that the person left as they were still count: the action replaces all rows."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        if index is not None and index < self.initial_form_count():  # type: ignore[attr-defined]
            form.has_changed = lambda: True


class _Complete(_KeepsInitial, SessionFormSet):  # type: ignore[valid-type, misc]
    pass


class _CompletePeople(_KeepsInitial, InstructorFormSet):  # type: ignore[valid-type, misc]
    pass


def _defaults(request: HttpRequest) -> dict[str, Any]:
    user = request.actor.user  # type: ignore[attr-defined]
    unit = request.actor.account.unit  # type: ignore[attr-defined]
    return {
        "approval_number": "無文號",
        "method": "講授與分組實作",
        "materials": "講師自編講義",
        "contact_name": user.name,
        "contact_phone": user.phone or unit.phone,
        "contact_mail": user.email,
    }


def _save(
    request: HttpRequest, course: Course | None, forms: tuple[CourseForm, Any, Any]
) -> HttpResponse | None:
    """Save the draft or the change, then register when asked. A refusal is said on the form; a draft that could not be
    registered stays a draft."""
    form = forms[0]
    actor = request.actor  # type: ignore[attr-defined]
    try:
        data = course_data(*forms)
        if course is None:
            saved = registration.save_draft(by=actor, data=data)
        else:
            saved = registration.update(
                course=course, by=actor, data=data, version=form.cleaned_data.get("version")
            )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return None
    _warn_of_long_days(request, saved)
    if "register" in request.POST:
        return _register(request, saved)
    messages.success(request, _("Saved."))
    return redirect("courses:detail", code=saved.code)


def _warn_of_long_days(request: HttpRequest, course: Course) -> None:
    """More hours a day than the year's policy names (6, second-hand) are pointed out, never refused."""
    days = len({clock.day_of(s.starts_at) for s in course.sessions.all()})
    most = YearlyPolicy.objects.in_force(course.year or clock.this_year()).hours_a_day
    if days and course.hours > most * days:
        messages.warning(
            request,
            _("%(hours)s hours on %(days)s days: more than %(most)s a day. Is that right?")
            % {"hours": course.hours, "days": days, "most": most},
        )


def _register(request: HttpRequest, course: Course) -> HttpResponse:
    try:
        registration.register(course=course, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
        messages.info(request, _("What you typed is kept as a draft."))
        return redirect("courses:edit", code=course.code)
    messages.success(request, _("The course is registered. Its code is %(code)s.") % {"code": course.code})
    return redirect("courses:detail", code=course.code)


@unit_hat_required
@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    return _register(request, own_course(request, code))


@unit_hat_required
@require_POST
def copy(request: HttpRequest, code: str) -> HttpResponse:
    made = registration.copy(course=own_course(request, code), by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("A draft with everything but the dates. Add the sessions."))
    return redirect("courses:edit", code=made.code)


@unit_hat_required
@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    try:
        registration.discard_draft(course=own_course(request, code), by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("courses:detail", code=code)
    messages.success(request, _("The draft is gone."))
    return redirect("courses:unit_courses")


@unit_hat_required
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdrawal.withdraw(course=course, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(
                request, _("The course is withdrawn in error; its enrolled people have been told.")
            )
        return redirect("courses:detail", code=code)
    people = course.enrolments.live().count()
    admitted = course.enrolments.filter(state=EnrolmentState.ADMITTED).count()
    context = {"course": course, "form": form, "people": people, "admitted": admitted}
    return render(request, "courses/unit/withdraw.html", context)
