"""講師及工作人員: name them before the course is closed, and take them off again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import ActorRequest
from courses.actions import helpers, participant_look_ups
from courses.actions.access_log import people_seen
from courses.actions.states import require_registered
from courses.forms.helpers import HelpersForm
from courses.models import Course
from courses.queries.helpers import helpers_of
from courses.rules import may_name_helpers, require_manager
from courses.views.registration import own_course
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import whole_number


def page(request: ActorRequest, code: str) -> HttpResponse:
    """GET the list; POST more people, or the one who is taken off."""
    course = own_course(request, code)
    if "take_off" in request.POST:
        return _take_off(request, course)
    form = HelpersForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            number = _name(request, course, form)
        except Refusal as refusal:
            add_refusal(form, refusal, called={"walk_in": "lines"})
        else:
            said = ngettext("%(n)s person is named.", "%(n)s people are named.", number) % {"n": number}
            messages.success(request, said)
            return redirect("courses:helpers", code=code)
    rows = helpers_of(course)
    people_seen(course, by=request.actor, people=[row.user_id for row in rows])
    may_name = may_name_helpers(request.actor, course)
    context = {"course": course, "form": form, "rows": rows, "may_name": may_name}
    return render(request, "courses/unit/helpers.html", context)


def _name(request: ActorRequest, course: Course, form: HelpersForm) -> int:
    """Look up the typed people, name them and the person from outside; return how many were not named before."""
    # Nobody is looked up for an act that is refused.
    require_manager(request.actor, course)
    require_registered(course)
    people = []
    if typed := form.typed:
        found = participant_look_ups.look_up(course=course, by=request.actor, typed=typed)
        people = [participant_look_ups.only_person(match) for match in found]
    part = form.cleaned_data["participation"]
    return len(helpers.name(course=course, by=request.actor, people=people, part=part, guest=form.guest))


def _take_off(request: ActorRequest, course: Course) -> HttpResponse:
    person = whole_number(request.POST["take_off"], 0)
    try:
        helpers.take_off(course=course, by=request.actor, person=person)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The person is taken off the list and has been notified."))
    return redirect("courses:helpers", code=course.code)
