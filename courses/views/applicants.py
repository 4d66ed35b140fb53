"""報名審核: who applied, each with the absence light; admit or decline one or many."""

from collections.abc import Collection

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import admissions
from courses.actions.access_log import people_seen
from courses.enums import EnrolmentState
from courses.models import Course
from courses.presenters import lists
from courses.presenters.applicants import applicants as applicant_rows
from courses.queries.answers import answers_by_enrolment
from courses.rules import may_add_people, may_manage, may_write_to_people
from courses.views.registration import own_course
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.numbers import whole_numbers
from kit.texts import tidy, typed

PAGE = 100


def applicants(request: ActorRequest, code: str) -> HttpResponseBase:
    return _list(request, own_course(request, code))


def _list(
    request: ActorRequest, course: Course, ticked: Collection[int] = (), note: str = ""
) -> HttpResponseBase:
    """The list; after a refusal with the ticks and the note as they were."""
    once = course.enrolments.participants().counting_once()
    rows = once.select_related("user__guest", "unit").order_by("enrolled_at", "id")
    state = request.GET.get("state", "")
    if state in EnrolmentState.values:
        rows = rows.filter(state=state)
    if fmt := requested_format(request):
        everybody = list(rows)
        people_seen(course, by=request.actor, people=[row.user_id for row in everybody])
        name = f"{course.code}_報名名單"
        asked, given = answers_by_enrolment(course) if may_manage(request.actor, course) else ([], {})
        head = [*lists.APPLICANTS, *(question.text for question in asked)]
        cells = lists.applicants(everybody, given)
        return list_file(request, fmt, name, head, cells, number=len(everybody))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    people = list(page.object_list)
    people_seen(course, by=request.actor, people=[row.user_id for row in people])
    context = {
        "course": course,
        "page": page,
        "applicants": applicant_rows(course, people, ticked),
        "doubles": course.enrolments.live().seated().doubles().count(),
        "state": state,
        "states": EnrolmentState.choices,
        "note": note,
        "may_write": may_write_to_people(request.actor, course),
        "may_add": may_add_people(request.actor, course),
        "may_decide": may_manage(request.actor, course) and course.is_unclosed,
    }
    return render(request, "courses/unit/applicants.html", context)


@require_POST
def decide(request: ActorRequest, code: str) -> HttpResponseBase:
    course = own_course(request, code)
    chosen = whole_numbers(request.POST.getlist("enrolment"))
    actor = request.actor
    note = tidy(request.POST.get("note", ""))
    try:
        if not chosen:
            messages.error(request, _("Choose at least one person first."))
            return _list(request, course, chosen, note)
        elif request.POST.get("action") == "admit":
            done = admissions.admit(course=course, by=actor, enrolment_ids=chosen)
            messages.success(
                request,
                ngettext(
                    "%(n)s person admitted and told.",
                    "%(n)s people admitted; they have been notified.",
                    len(done),
                )
                % {"n": len(done)},
            )
        elif request.POST.get("action") == "decline":
            done = admissions.decline(course=course, by=actor, enrolment_ids=chosen, note=typed(note, 300))
            messages.success(
                request,
                ngettext(
                    "%(n)s person declined and told.",
                    "%(n)s people declined; they have been notified.",
                    len(done),
                )
                % {"n": len(done)},
            )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _list(request, course, chosen, note)
    return redirect("courses:applicants", code=code)
