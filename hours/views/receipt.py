"""The receipt of a closing: who got what, the light now, and the course that is due next. Also to take along as a table."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.views.guards import unit_hat_required
from audit import log
from courses.actions.reading import people_seen
from courses.enums import OUTCOMES, EnrolmentState
from courses.models import Course
from courses.queries.lights import light_of
from courses.views.registration import own_course
from hours.models import Closing, HourCredit
from hours.queries.records import bare
from inservice import tables

HEADER = ["課程代碼", "研習課程名稱", "教師姓名", "服務單位", "出席狀況", "核發時數"]


@unit_hat_required
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    closing = get_object_or_404(Closing.objects.select_related("closed_by", "account"), course=course)
    rows = _rows(course)
    people_seen(course, by=request.actor, people=[row.user_id for row in rows])  # type: ignore[attr-defined]
    wanted = request.GET.get("download", "")
    if wanted in tables.FORMATS:
        return _download(request, course, rows, wanted)
    context = {
        "course": course,
        "closing": closing,
        "rows": rows,
        "exceptions": [row for row in rows if row.state != EnrolmentState.ATTENDED],
        "light": light_of(course.unit),
        "formats": tables.FORMATS,
    }
    return render(request, "hours/receipt.html", context | _due(request, course))


def _rows(course: Course) -> list[Any]:
    net = HourCredit.objects.filter(course=course).order_by().by_enrolment()
    rows: list[Any] = list(
        course.enrolments.filter(state__in=OUTCOMES)
        .select_related("user", "unit")
        .order_by("unit__code", "user__name", "id")
    )
    for row in rows:
        row.net = net.get(row.pk)
    return rows


def _due(request: HttpRequest, course: Course) -> dict[str, object]:
    """What this person can close next: the lead anything of the unit, a handler the own courses; the oldest first."""
    actor = request.actor  # type: ignore[attr-defined]
    due = Course.objects.of_unit(course.unit_id).closable()
    due = due if actor.is_unit_lead else due.filter(handler=actor.account)
    return {"next": due.order_by("ends_on", "id").first(), "due": due.count()}


def _download(request: HttpRequest, course: Course, rows: list[Any], fmt: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    log.record("records.export", course, by=actor, unit_id=course.unit_id, after={"format": fmt})
    lines = [
        [
            course.code,
            course.title,
            row.user.name,
            row.unit.name if row.unit else "",
            row.get_state_display(),
            bare(row.net or Decimal("0")),
        ]
        for row in rows
    ]
    return tables.download(f"{course.code}_核發時數", fmt, HEADER, lines)  # type: ignore[return-value]
