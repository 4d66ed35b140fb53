"""未能出席: who said that they cannot come, for the closing sheet, the handler's list and the person's own pages."""

from collections.abc import Iterable

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.acting import Actor
from courses.enums import NO_PLACE, PlannedAbsenceState
from courses.models import Enrolment, PlannedAbsence
from courses.models.querysets import handled_q
from courses.queries.queues import Source, UnitQueue
from courses.queries.windows import placed_at

S = PlannedAbsenceState
# What the person still says; the others were taken back, or ended with the place.
SAID = (S.OPEN, S.ACCEPTED, S.REFUSED)
# Of an enrolment that has a place only what was said since the person got it: who gave a place up and came back is not away.
OF_THIS_PLACE = Q(enrolment__state__in=NO_PLACE) | Q(
    stated_at__gte=Coalesce("enrolment__decided_at", "enrolment__enrolled_at")
)


def is_of_this_place(planned: PlannedAbsence, row: Enrolment) -> bool:
    """Return whether a planned absence is about the place that a person holds now (`OF_THIS_PLACE`)."""
    return row.state in NO_PLACE or planned.stated_at >= placed_at(row)


def latest_of(enrolment_ids: Iterable[int]) -> dict[int, PlannedAbsence]:
    """Return the last planned absence of each enrolment that has one, unless it was taken back or ended."""
    rows = PlannedAbsence.objects.filter(OF_THIS_PLACE, enrolment__in=list(enrolment_ids), state__in=SAID)
    return {row.enrolment_id: row for row in rows.order_by("pk")}


def with_said(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Add the kind and state of the last planned absence to enrolments, in the same query."""
    mine = PlannedAbsence.objects.filter(OF_THIS_PLACE, enrolment=OuterRef("pk"), state__in=SAID)
    last = mine.order_by("-pk")
    return rows.annotate(
        said_kind=Subquery(last.values("kind")[:1]), said_state=Subquery(last.values("state")[:1])
    )


def said_in(row: Enrolment) -> PlannedAbsence | None:
    """Return what `with_said` has added to an enrolment, as an unsaved row; None for one that it did not read."""
    kind: str | None = getattr(row, "said_kind", None)
    state: str | None = getattr(row, "said_state", None)
    return PlannedAbsence(enrolment=row, kind=kind, state=state) if kind and state else None


def said_by(row: Enrolment) -> PlannedAbsence | None:
    """Return the same of one enrolment. Reads `planned_absences.all()`: prefetch it for lists."""
    every = row.planned_absences.all()
    said = [planned for planned in every if planned.state in SAID and is_of_this_place(planned, row)]
    return max(said, key=lambda planned: planned.pk, default=None)


def visible_to(by: Actor) -> QuerySet[PlannedAbsence]:
    """Return those that reach a unit's hat: the lead sees the unit's, a handler those of the own courses."""
    rows = PlannedAbsence.objects.filter(enrolment__course__unit=by.unit_id, state__in=SAID)
    return rows if by.is_unit_lead else rows.filter(handled_q(by.appointment.pk, "enrolment__course__"))


def waiting_for(by: Actor) -> Source:
    """The queue on the desk of a unit's hat (`courses.queries.queues`)."""
    return visible_to(by).filter(state=S.OPEN), "stated_at"


QUEUE = UnitQueue(
    waiting_for,
    """
SELECT COUNT(*), MIN(said.stated_at)
FROM courses_plannedabsence AS said
JOIN courses_enrolment AS place ON place.id = said.enrolment_id
JOIN courses_course AS course ON course.id = place.course_id
WHERE said.state = '{open}' AND course.unit_id = %(unit)s
    AND (%(is_lead)s OR course.handler_id = %(account)s OR course.co_handler_id = %(account)s)
""".replace("{open}", S.OPEN.value),
)
