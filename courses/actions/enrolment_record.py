"""The record of enrolments whose state changes."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.acting import Actor
from audit import log
from audit.models import AuditEvent
from courses.models import Course, Enrolment


def record_change(
    act: str,
    course: Course,
    rows: Iterable[Enrolment],
    *,
    by: Actor | None,
    after: Mapping[str, Any],
    reason: str = "",
) -> list[AuditEvent]:
    """Record an act for each row of the course, from the state that the row has to `after`; return the events.

    Call it before the rows change. `by=None`: the waiting list moved up by itself.
    """
    return log.record_many(
        log.event(
            act,
            row,
            by=by,
            unit_id=course.unit_id,
            reason=reason,
            before={"state": row.state},
            after=after,
        )
        for row in rows
    )
