"""Objections that reach a unit's hat: the lead sees the unit's, a handler those to the own courses."""

from django.db.models import QuerySet

from accounts.acting import Actor
from courses.models.querysets import handled_q
from courses.queries.queues import Source
from hours.enums import ObjectionState
from hours.models import Objection


def visible_to(by: Actor) -> QuerySet[Objection]:
    rows = Objection.objects.filter(enrolment__course__unit=by.unit_id)
    return rows if by.is_unit_lead else rows.filter(handled_q(by.appointment.pk, "enrolment__course__"))


def waiting_for(by: Actor) -> Source:
    """The queue on the desk of a unit's hat (`courses.queries.queues`)."""
    return visible_to(by).filter(state=ObjectionState.OPEN), "raised_at"
