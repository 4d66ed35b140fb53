"""The registration form's pages: step by step or all on one page, and the live checks. One form; each step posts all of it.

A draft is saved at each step. The changes of a registered course are carried from step to step and saved only on request: they
cause notices.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import registration
from courses.enums import CourseState
from courses.forms import RegistrationForms
from courses.forms.keys import form_key
from courses.forms.steps import FIRST, PREVIEW, target
from courses.models import Course
from courses.presenters import stepper
from courses.presenters.hints import hint_views
from courses.queries.course_drafts import draft_of_form
from courses.queries.lights import overdue_now, registration_is_open
from courses.rules import may_manage
from courses.views.registration import own_course, register, step_url
from kit.errors import Refusal
from kit.form_refusals import add_refusal

EARLIER = 10


def new(request: ActorRequest) -> HttpResponse:
    """The empty form. Its page has a key: opened or sent again after it was saved, it leads to the draft that it made."""
    key = form_key(request)
    known = draft_of_form(request.actor.appointment.unit_id, key)
    if known is None or not may_manage(request.actor, known):
        return _page(request, None, key)
    if known.state != CourseState.DRAFT:
        messages.info(request, _("This course is saved already."))
        return redirect("courses:detail", code=known.code)
    return _page(request, None, key, known) if request.method == "POST" else redirect(step_url(known, FIRST))


def edit(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    if not may_manage(request.actor, course):
        messages.error(
            request, _("Only the course's handler (%s) or the unit lead may do this.") % course.handler.user
        )
        return redirect("courses:detail", code=code)
    return _page(request, course)


@require_POST
def checks(request: ActorRequest) -> HttpResponse:
    """Return hints for the unsaved form, as a fragment. Nothing is saved; `?course=` is the unit's course that is edited, if any."""
    rows = Course.objects.manageable_by(request.actor).select_related("unit")
    code = request.GET.get("course", "").replace("\0", "")
    # The page of a new course that was saved already has the key of its draft.
    course = rows.filter(Q(code=code) | Q(form_key=form_key(request))).first()
    forms = RegistrationForms(request.actor, course, request.POST)
    context = {"places": stepper.hint_places(forms), "hints": hint_views(forms.hints)}
    return render(request, "courses/form/checks.html", context)


def _page(
    request: ActorRequest, course: Course | None, key: UUID | None = None, known: Course | None = None
) -> HttpResponse:
    """`key` is that of a new course's page, `known` the draft that it made when it was sent before."""
    data = request.POST if request.method == "POST" else None
    forms = RegistrationForms(request.actor, course, data, blank=request.GET.get("more", ""))
    if data is not None and forms.is_valid():
        answer = _go_on(request, forms, key, known)
        if answer is not None:
            return answer
    return render(request, "courses/form/course.html", {**_context(request, forms), "form_key": key})


def _go_on(
    request: ActorRequest, forms: RegistrationForms, key: UUID | None, known: Course | None
) -> HttpResponse | None:
    """Where a sound form leads; None when its page is shown (again): a registered course between steps, or a refusal."""
    step = target(_requested(request))
    if step is not None and not forms.is_draft:
        return None
    told = dict.fromkeys(hint.text for hint in hint_views(forms.hints))
    if known is None:
        saved = _save(forms, key, between_steps=step is not None)
    else:
        saved = _save_again(request, forms, known)
    if saved is None:
        return None
    if step is not None:
        more = {name: said for name in ("more", "repeat") if (said := request.POST.get(name))}
        return redirect(step_url(saved, step, **more))
    if request.POST.get("step") == str(PREVIEW):
        told = {}
    if "register" in request.POST:
        return register(request, saved, warnings=told)
    for text in told:
        messages.warning(request, text)
    messages.success(request, _("Saved."))
    return redirect("courses:detail", code=saved.code)


def _requested(request: ActorRequest) -> str | None:
    """Return the requested step; adding a row stays on the step of the row."""
    if request.method != "POST":
        return request.GET.get("step")
    return request.POST.get("step" if {"more", "repeat"} & request.POST.keys() else "go")


def _save(forms: RegistrationForms, key: UUID | None, *, between_steps: bool) -> Course | None:
    """Save the course and return it; None when the action refuses, with the error on the form. Between steps an unchanged
    form is not written.
    """
    course, form = forms.course, forms.form
    version = form.cleaned_data.get("version")
    if course and between_steps and version == course.version and not forms.is_touched():
        return course
    try:
        if course is None:
            return registration.save_draft(by=forms.actor, data=forms.course_data(), form_key=key)
        return registration.update(course=course, by=forms.actor, data=forms.course_data(), version=version)
    except Refusal as refusal:
        add_refusal(forms.form, refusal)
        return None


def _save_again(request: ActorRequest, forms: RegistrationForms, known: Course) -> Course | None:
    """Save the draft that this page created before, with the values typed since. If a later step has saved it, its other
    steps keep their values.
    """
    data = forms.course_data()
    if known.version > 1:
        data = forms.data_of_step(target(request.POST.get("step")), known)
    elif not RegistrationForms(forms.actor, known, request.POST).is_touched():
        return known
    try:
        return registration.update(course=known, by=forms.actor, data=data, version=known.version)
    except Refusal as refusal:
        add_refusal(forms.form, refusal)
        return None


def _context(request: ActorRequest, forms: RegistrationForms) -> dict[str, Any]:
    unit_id = request.actor.appointment.unit_id
    course = forms.course
    view = stepper.view_of(forms, requested=_requested(request), submitted=request.POST.get("step"))
    gate_open = not forms.is_draft or registration_is_open(unit_id)
    earlier = (
        Course.objects.of_unit(unit_id).exclude(state=CourseState.DRAFT).order_by("-created_at")[:EARLIER]
    )
    # After a repeat the eye stays with the new sessions: the last row has the focus, not the title above.
    repeated = "repeat" in request.POST or "repeat" in request.GET
    if repeated and forms.sessions.forms:
        forms.sessions.forms[-1].fields["day"].widget.attrs["autofocus"] = True
    return {
        "forms": forms,
        "form": forms.form,
        "course": course,
        "view": view,
        "earlier": [] if course or view.is_all else earlier,
        "arrived": not view.problems and not repeated and (forms.is_bound or "step" in request.GET),
        "unsaved": forms.is_bound,
        "gate_open": gate_open,
        "overdue": 0 if gate_open else overdue_now(unit_id),
        **(stepper.preview_of(forms, view) if view.shows_preview else {}),
    }
