"""The receipt of a closing: who got what, the light now, and the course that is due next. Also to take along as a table."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from accounts.acting import ActorRequest
from audit import log
from courses.actions.access_log import people_seen
from courses.enums import EnrolmentState
from courses.models import Course
from courses.queries.lights import light_of
from courses.views.registration import own_course
from hours.models import Closing
from hours.presenters import receipt_table
from hours.queries.receipts import Receipt, receipt_of
from kit import tables


def receipt(request: ActorRequest, code: str) -> HttpResponseBase:
    course = own_course(request, code)
    closing = get_object_or_404(Closing.objects.select_related("closed_by", "account"), course=course)
    found = receipt_of(course, closing)
    people_seen(course, by=request.actor, people=[row.enrolment.user_id for row in found.rows])
    wanted = request.GET.get("download", "")
    if wanted in tables.FORMATS:
        return _download(request, course, found, wanted)
    context = {
        "course": course,
        "closing": closing,
        "receipt": found,
        "rows": found.rows,
        "exceptions": [row for row in found.participants if row.enrolment.state != EnrolmentState.ATTENDED],
        "light": light_of(course.unit),
        "formats": tables.FORMATS,
    }
    return render(request, "hours/receipt.html", context | _due(request, course))


def _due(request: ActorRequest, course: Course) -> dict[str, object]:
    """What this person can close next: the lead anything of the unit, a handler the own courses; the oldest first."""
    actor = request.actor
    due = Course.objects.of_unit(course.unit_id).closable()
    due = due if actor.is_unit_lead else due.handled_by(actor.appointment.pk)
    return {"next": due.order_by("ends_on", "id").first(), "due": due.count()}


def _download(request: ActorRequest, course: Course, found: Receipt, fmt: str) -> HttpResponseBase:
    actor = request.actor
    log.record("records.export", course, by=actor, unit_id=course.unit_id, after={"format": fmt})
    return tables.download(
        f"{course.code}_核發時數", fmt, receipt_table.HEADER, receipt_table.lines(course, found)
    )
