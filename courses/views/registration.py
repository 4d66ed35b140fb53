"""課程登錄: registering, copying, discarding a course, and 課程登錄錯誤. The form's pages are in `course_form`."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import registration, withdrawal
from courses.actions.course_fields import WRITABLE
from courses.enums import EnrolmentState
from courses.forms import WithdrawalForm
from courses.forms.keys import form_key
from courses.forms.steps import PREVIEW
from courses.models import Course
from courses.queries import whole_course
from courses.queries.copied_texts import texts_with_numbers
from kit.errors import Refusal
from kit.sentence_parts import listed


def own_course(request: ActorRequest, code: str) -> Course:
    """Return a course of the unit whose hat is on; raise Http404 for another unit's, as for an unknown one."""
    if not request.actor.is_unit_hat:
        raise Http404
    try:
        return whole_course.own_course(request.actor.appointment.unit_id, code)
    except Course.DoesNotExist:
        raise Http404 from None


def step_url(course: Course, step: int | str, **more: str) -> str:
    """The page of one step of a saved course."""
    return f"{reverse('courses:edit', args=[course.code])}?{urlencode({'step': step, **more})}"


def register(request: ActorRequest, course: Course, warnings: Iterable[str] = ()) -> HttpResponse:
    """Register a saved draft; a refusal leads to the preview, which lists missing facts, open questions and warnings."""
    is_another = "another_course" in request.POST
    try:
        registration.register(course=course, by=request.actor, is_another=is_another)
    except Refusal as refusal:
        messages.error(request, " ".join([refusal.message, _("What you typed is kept as a draft.")]))
        return redirect(step_url(course, PREVIEW))
    for text in warnings:
        messages.warning(request, text)
    said = _("The course is registered. Its code is %(code)s.") % {"code": course.code}
    # Apart from the f-string, in which no tool finds what is to be translated.
    more = _("Look below who may enrol, and add questions and files.")
    messages.success(request, f"{said} {more}")
    return redirect(f"{reverse('courses:detail', args=[course.code])}#set-up")


@require_POST
def confirm(request: ActorRequest, code: str) -> HttpResponse:
    return register(request, own_course(request, code))


@require_POST
def copy(request: ActorRequest, code: str) -> HttpResponse:
    course, key = own_course(request, code), form_key(request)
    try:
        made = registration.copy(course=course, by=request.actor, form_key=key)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("courses:detail", code=code)
    messages.success(request, _("A draft with everything but the dates. Add the sessions."))
    if names := texts_with_numbers(course, WRITABLE):
        said = _("Identity numbers in the course are masked in its copy; please check: %(names)s.")
        messages.warning(request, said % {"names": listed(names)})
    return redirect("courses:edit", code=made.code)


@require_POST
def discard(request: ActorRequest, code: str) -> HttpResponse:
    try:
        registration.discard_draft(course=own_course(request, code), by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("courses:detail", code=code)
    messages.success(request, _("The draft is gone."))
    return redirect("courses:unit_courses")


def withdraw(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdrawal.withdraw(course=course, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            said = _("The course “%(title)s” is withdrawn in error; its enrolled people have been notified.")
            messages.success(request, said % {"title": course.title})
        return redirect("courses:detail", code=code)
    people = course.enrolments.live().counting_once().count()
    admitted = course.enrolments.filter(state=EnrolmentState.ADMITTED).counting_once().count()
    context = {"course": course, "form": form, "people": people, "admitted": admitted}
    return render(request, "courses/unit/withdraw.html", context)
