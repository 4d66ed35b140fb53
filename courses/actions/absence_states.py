"""What becomes of planned absences when a place ends or a course is closed. The caller has locked the course."""

from collections.abc import Collection, Mapping
from datetime import datetime

from accounts.acting import Actor
from courses.enums import EnrolmentState, PlannedAbsenceState
from courses.errors.postponements import ExcusedBefore
from courses.models import Enrolment, PlannedAbsence
from courses.queries.planned_absences import latest_of

S = PlannedAbsenceState
# What an outcome makes of a planned absence. A person who attended needs no decision; an accepted one stays accepted.
OUTCOME = {EnrolmentState.EXCUSED: S.ACCEPTED, EnrolmentState.ABSENT: S.REFUSED}


def end(enrolment_ids: Collection[int], at: datetime) -> None:
    """End what waits for a decision, with the places of these people."""
    rows = PlannedAbsence.objects.filter(enrolment__in=list(enrolment_ids), state=S.OPEN)
    rows.update(state=S.ENDED, decided_at=at)


def refuse_absence_of_excused(rows: Collection[Enrolment], outcomes: Mapping[int, str]) -> None:
    """Raise ExcusedBefore for a person who is to be absent and whose planned absence was accepted."""
    absent = {row.pk: row for row in rows if outcomes[row.pk] == EnrolmentState.ABSENT}
    for enrolment, planned in latest_of(absent).items():
        if planned.state == S.ACCEPTED:
            raise ExcusedBefore(name=absent[enrolment].user.name)


def settle(outcomes: Mapping[int, str], by: Actor, at: datetime) -> None:
    """Decide the planned absences of a course that is closed, or corrected, by the outcomes of its people."""
    changed = []
    for enrolment, planned in latest_of(outcomes).items():
        wanted = OUTCOME.get(EnrolmentState(outcomes[enrolment]))
        if wanted is None and planned.state == S.OPEN:
            wanted = S.ENDED
        if wanted is not None and planned.state != wanted:
            planned.state, planned.decided_at, planned.decided_by = wanted, at, by.user
            changed.append(planned)
    PlannedAbsence.objects.bulk_update(changed, ["state", "decided_at", "decided_by"])
