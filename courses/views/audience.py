"""Who may enrol in a course, and the places that are kept for some."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from courses.actions import audiences
from courses.errors.audience import PeopleOutside
from courses.forms.audience import AudienceForms
from courses.models import Course
from courses.presenters.audience import audience_words
from courses.rules import may_set_audience
from courses.views.registration import own_course
from kit.errors import Refusal


def page(request: ActorRequest, code: str) -> HttpResponse:
    """GET the form; POST it to save. A change that leaves enrolled people outside is shown first and saved when it is confirmed."""
    course = own_course(request, code)
    if not may_set_audience(request.actor, course):
        messages.error(request, _("The handler says who may enrol, as long as the course is not closed."))
        return redirect("courses:detail", code=code)
    forms = AudienceForms(course, request.POST if request.method == "POST" else None)
    if request.method == "POST" and forms.is_valid() and (answer := _save(request, course, forms)):
        return answer
    context = {
        "course": course,
        "form": forms.form,
        "quotas": forms.quotas,
        "outside": forms.outside,
        "audience": audience_words(course),
    }
    return render(request, "courses/unit/audience.html", context)


def _save(request: ActorRequest, course: Course, forms: AudienceForms) -> HttpResponse | None:
    try:
        audiences.set_audience(
            course=course,
            by=request.actor,
            data=forms.audience(),
            version=forms.form.cleaned_data["version"],
            is_confirmed="confirmed" in request.POST,
        )
    except PeopleOutside as refusal:
        forms.ask(refusal.params)
        return None
    except Refusal as refusal:
        forms.add_error(refusal.field, refusal.message)
        return None
    messages.success(request, _("Saved: who may enrol, and which places are kept."))
    return redirect("courses:detail", code=course.code)
