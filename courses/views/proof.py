"""報名證明: a page to print for the own school's leave form, for a person who has a place in the course."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.models import Affiliation
from courses.enums import SEATED
from courses.models import Course, Enrolment
from courses.queries.contacts import shown_contacts
from kit import clock


def proof(request: ActorRequest, code: str) -> HttpResponse:
    """Show the proof; without a place in the course, lead to its page."""
    public = (
        Course.objects.public()
        .select_related("unit", "handler__user", "co_handler__user")
        .prefetch_related("sessions")
    )
    course = get_object_or_404(public, code=code)
    mine = Enrolment.objects.of_person(request.user.pk).filter(course=course, state__in=SEATED)
    row = mine.select_related("unit").first()
    if row is None:
        messages.error(request, _("You have no place in this course, so there is no proof of enrolment."))
        return redirect("courses:public", code=code)
    served = Affiliation.objects.filter(user=row.user_id, unit=row.unit).order_by("rank", "id").first()
    context = {
        "course": course,
        "row": row,
        "title": served.title if served else "",
        "sessions": course.sessions.all(),
        "contact": shown_contacts(course)[0],
        "today": clock.today(),
    }
    return render(request, "courses/proof.html", context)
