"""The receipt of a closing: who got what, the light now, and the course that is due next. Also to take along as a table."""

from collections.abc import Iterator
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from accounts.acting import ActorRequest
from accounts.queries.unit_history import unit_names
from audit import log
from courses.actions.access_log import people_seen
from courses.enums import EnrolmentState
from courses.models import Course
from courses.queries.lights import light_of
from courses.views.registration import own_course
from hours.models import Closing
from hours.presenters import record_table
from hours.queries.receipts import Receipt, receipt_of
from kit import tables

# All national columns, which school tools find by their names (`record_table.HEADER`), and the receipt's further columns.
HEADER = [
    "課程代碼", "研習課程名稱", "教師姓名", "服務單位", "出席狀況", "實核時數/學分數", "主辦單位", "課程結束時間", "核准文號",
    "帳號（遮蔽）",
]  # fmt: skip


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
        "exceptions": [row for row in found.rows if row.enrolment.state != EnrolmentState.ATTENDED],
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
    return tables.download(f"{course.code}_核發時數", fmt, HEADER, _lines(course, found))


def _lines(course: Course, found: Receipt) -> Iterator[list[Any]]:
    names = unit_names()
    for row in found.rows:
        enrolment = row.enrolment
        cells = record_table.cells(enrolment.user.name, course, row.net, names)
        facts = dict(zip(record_table.HEADER, cells, strict=True)) | {
            "服務單位": names.on(enrolment.unit, course.ends_on) if enrolment.unit else "",
            "出席狀況": enrolment.get_state_display(),
            "帳號（遮蔽）": row.known.account,
        }
        yield [facts[name] for name in HEADER]
