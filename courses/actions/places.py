"""Scarce places: claimed and freed by conditional updates, with a CHECK behind them."""

from collections.abc import Sequence

from django.db.models import BigIntegerField, F
from django.urls import reverse

from audit import log
from audit.models import AuditEvent
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment
from courses.queries.meetings import next_meeting
from courses.queries.windows import cancel_window
from inservice import clock
from inservice.prepared import Param, PreparedUpdate
from notices import outbox

COUNT = BigIntegerField()
# Asked by everybody who enrols in a popular course.
CLAIM = PreparedUpdate(
    lambda: Course.objects.filter(
        pk=Param("course", COUNT),
        state=CourseState.REGISTERED,
        seats_taken__lte=F("capacity") - Param("count", COUNT),
    ),
    seats_taken=F("seats_taken") + Param("count", COUNT),
)


def claim(course_id: int, count: int = 1) -> bool:
    """Take places of a registered course; False when that many are not free. Locks the course's row."""
    return bool(CLAIM(course=course_id, count=count))


def free(course_id: int, count: int = 1) -> None:
    """Give places back."""
    if count:
        Course.objects.filter(pk=course_id).update(seats_taken=F("seats_taken") - count)


def promote(course: Course) -> list[Enrolment]:
    """遞補: people on the waiting list move up, first come first, while places are free. The caller holds the course's row."""
    course.refresh_from_db(fields=["capacity", "seats_taken", "state"])
    if not course.seats_left or course.has_ended():
        return []
    rows = list(course.enrolments.waiting().select_related("user")[: course.seats_left])
    if not rows or not claim(course.pk, len(rows)):
        return []
    events = [
        log.event(
            "enrolment.admitted",
            row,
            by=None,
            unit_id=course.unit_id,
            subjects=[row.user_id],
            before={"state": row.state},
            after={"state": EnrolmentState.ADMITTED},
        )
        for row in rows
    ]
    Enrolment.objects.filter(pk__in=[r.pk for r in rows]).update(
        state=EnrolmentState.ADMITTED, decided_at=clock.now()
    )
    tell(course, rows, "admitted", log.record_many(events))
    return rows


def tell(
    course: Course,
    rows: Sequence[Enrolment],
    kind: str,
    decisions: Sequence[AuditEvent],
    sent_by: str = "",
    note: str = "",
) -> None:
    """Tell teachers what became of their enrolment (`emails/<kind>`); each decision is recorded and is a notice of its own.

    The notice of an admission names the next session, and until when the person may cancel.
    """
    meeting, window = next_meeting(course), cancel_window(course, clock.now())
    outbox.write(
        outbox.Letter(
            kind=kind,
            to=row.user,
            about=f"enrolment:{row.pk}",
            event=decision.pk,
            path=reverse("courses:public", args=[course.code]),
            context={
                "course": course.title,
                "code": course.code,
                "starts_on": course.starts_on,
                "meeting": meeting,
                "window": window,
                "note": note,
            },
            sent_by=sent_by,
        )
        for row, decision in zip(rows, decisions, strict=True)
    )
