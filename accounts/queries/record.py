"""The record as its readers see it: the person concerned, the unit's lead, the county, the operator."""

from datetime import date

from django.db.models import Q, QuerySet

from accounts.acting import Actor
from accounts.models import Unit
from accounts.queries.persons import persons_of
from audit.models import AuditEvent, AuditSubject, EventKind
from kit import clock
from kit.texts import contains_word


def about_person(user_id: int) -> QuerySet[AuditEvent]:
    """Who saw or changed this person's record, and the log-ins to the own account; newest first."""
    records = persons_of(user_id)
    concerned = AuditSubject.objects.filter(person_id__in=records).values("event_id")
    own = Q(actor_id__in=records, kind=EventKind.SECURITY) & ~Q(action__startswith="refused.")
    return AuditEvent.objects.filter(Q(pk__in=concerned) | own).order_by("-id")


def in_reach(by: Actor) -> QuerySet[AuditEvent]:
    """What a hat may read of the record: the own unit's events, the own county's, all; newest first."""
    rows = AuditEvent.objects.order_by("-id")
    if by.is_operator_hat:
        return rows
    if by.account and by.is_county_hat:
        return rows.filter(unit_id__in=Unit.objects.filter(county=by.county).values("pk"))
    if by.account and by.is_unit_lead:
        return rows.filter(unit_id=by.unit_id)
    return rows.none()


def narrowed(
    rows: QuerySet[AuditEvent],
    *,
    kind: str = "",
    act: str = "",
    who: str = "",
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[AuditEvent]:
    """Filters of the record's page: kind, beginning of the act, a word of name or object, Taipei days."""
    if kind in EventKind.values:
        rows = rows.filter(kind=kind)
    if act:
        rows = rows.filter(action__startswith=act)
    if who:
        rows = rows.filter(contains_word("actor_label", who) | contains_word("object_label", who))
    if first:
        rows = rows.filter(at__gte=clock.at_taipei(first))
    if last:
        rows = rows.filter(at__lt=clock.end_of_day(last))
    return rows
