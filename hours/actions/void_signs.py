"""All signs of a session are taken back at once, and what is left of them goes with a session that is removed."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from audit import log
from courses.actions.states import lock_managed, require_registered
from courses.models import Course, Session
from hours.enums import ReportState
from hours.errors import NothingSigned, ReasonForAllMissing
from hours.models import Attendance, MissedSign
from kit import clock
from kit.typed_texts import require_reason


@transaction.atomic
def take_all_back(*, session: Session, by: Actor, reason: str) -> int:
    """Take all signs of a session back, as after a wrong day or a fire alarm; return how many.

    They stay as evidence, reports of missed signs that wait end as not accepted, and everybody may sign again. Raise NotTheHandler and
    its like, WrongState, ReasonForAllMissing, NothingSigned.
    """
    course, by = lock_managed(session.course, by)
    require_registered(course)
    require_reason(reason, ReasonForAllMissing)
    now = clock.now()
    rows = Attendance.objects.valid().filter(session=session)
    reports = MissedSign.objects.filter(session=session, state=ReportState.OPEN)
    people = {*rows.values_list("user", flat=True), *reports.values_list("user", flat=True)}
    number = rows.update(taken_back_at=now, taken_back_by=by.user)
    if not number:
        raise NothingSigned
    ended = reports.update(state=ReportState.DECLINED, decided_at=now, decided_by=by.user)
    log.record(
        "attendance.take_all_back",
        course,
        by=by,
        unit_id=course.unit_id,
        reason=reason.strip(),
        before={"session": session.starts_at, "signs": number, "reports": ended},
        subjects=people,
    )
    return number


def forget_sessions(
    sender: object, *, course: Course, sessions: Collection[int], by: Actor, **_more: Any
) -> None:
    """Delete what was taken back or decided in sessions that are removed; received in the transaction of the change.

    Who signed when, and who took it back, stays in the record. Signs that count keep their session from being removed.
    """
    signs = Attendance.objects.filter(session__in=sessions).exclude(taken_back_at=None)
    reports = MissedSign.objects.filter(session__in=sessions).exclude(state=ReportState.OPEN)
    people = {*signs.values_list("user", flat=True), *reports.values_list("user", flat=True)}
    if not people:
        return
    before = {"sessions": len(sessions), "signs": signs.count(), "reports": reports.count()}
    signs.delete()
    reports.delete()
    log.record("attendance.remove", course, by=by, unit_id=course.unit_id, before=before, subjects=people)
