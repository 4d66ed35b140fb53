"""Put people on a course's list: choose, look at each row, add."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import ActorRequest
from accounts.models import User
from courses.actions import participant_look_ups, participants
from courses.actions.access_log import people_seen
from courses.actions.participant_look_ups import MOST_LINES
from courses.errors.participants import NobodyChosen
from courses.forms.participants import ParticipantsForm, people_of
from courses.imports.participants import HEADER
from courses.models import Course
from courses.models.typed import Typed
from courses.presenters.participants import Preview, as_typed, preview
from courses.queries import participants as queries
from courses.rules import may_add_people
from courses.views.registration import own_course
from jobs.delivery import requested_format
from kit import tables
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import whole_numbers

EXAMPLE = ("王小明", "wang@school.example", "", "")


def page(request: ActorRequest, code: str) -> HttpResponseBase:
    """GET the choice; POST it to see each row; POST the rows to add the people."""
    course = own_course(request, code)
    if fmt := requested_format(request):
        return tables.download("研習名單範本", fmt, HEADER, [EXAMPLE])
    if not may_add_people(request.actor, course):
        messages.error(
            request, _("People can be added by the handler while the course is not over and not closed.")
        )
        return redirect("courses:detail", code=code)
    if request.POST.get("act") == "add":
        return _add(request, course)
    earlier = queries.earlier_courses(course)
    sent = request.method == "POST"
    form = ParticipantsForm(earlier, request.POST, request.FILES) if sent else ParticipantsForm(earlier)
    found = _preview(request, course, form) if sent and form.is_valid() else None
    return _page(request, course, form, found)


def _preview(request: ActorRequest, course: Course, form: ParticipantsForm) -> Preview | None:
    """Return the rows to look at; None with the reason on the form."""
    before = form.chosen_course
    left_out = queries.left_out_of(before) if before else []
    try:
        typed = [*_chosen(request, course, before, left_out), *form.typed(MOST_LINES)]
        if not typed and not left_out:
            raise NobodyChosen
        found = participant_look_ups.look_up(course=course, by=request.actor, typed=typed)
        return preview(course, found, left_out)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None


def _chosen(
    request: ActorRequest, course: Course, before: Course | None, left_out: Sequence[User]
) -> list[Typed]:
    """The people ticked on the staff list, and those of the chosen course."""
    ticked = set(whole_numbers(request.POST.getlist("staff")))
    staff = [row.user for row in queries.staff_to_choose(course) if row.user_id in ticked] if ticked else []
    former = queries.people_of(before) if before else []
    if before and (former or left_out):
        people_seen(before, by=request.actor, people=[person.pk for person in (*former, *left_out)])
    return as_typed([*staff, *former])


def _page(
    request: ActorRequest, course: Course, form: ParticipantsForm, found: Preview | None
) -> HttpResponse:
    context: dict[str, Any] = {"course": course, "form": form, "preview": found, "formats": tables.FORMATS}
    if found is None:
        context |= {
            "staff": queries.staff_to_choose(course),
            "ticked": set(whole_numbers(request.POST.getlist("staff"))),
            "left": participant_look_ups.MOST_A_DAY - participant_look_ups.used_today(request.actor),
            "most": participant_look_ups.MOST_A_DAY,
        }
    name = "participants" if found is None else "participants_preview"
    return render(request, f"courses/unit/{name}.html", context)


def _add(request: ActorRequest, course: Course) -> HttpResponse:
    try:
        done = participants.add(
            course=course,
            by=request.actor,
            people=people_of(course, request.POST),
            more_places=request.POST.get("more_places") == "yes",
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("courses:participants", code=course.code)
    number = len(done.rows)
    said = ngettext(
        "%(n)s person is on the list and has been notified.",
        "%(n)s people are on the list and have been notified.",
        number,
    )
    messages.success(request, said % {"n": number})
    if done.already:
        messages.info(request, _("%(n)s had a place already.") % {"n": done.already})
    if done.places:
        messages.info(request, _("The course has %(n)s places now.") % {"n": done.places})
    return redirect("courses:applicants", code=course.code)
