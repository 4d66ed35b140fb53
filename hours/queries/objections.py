"""Objections that reach a hat: the lead sees the unit's, a handler those to the own courses, a county what was passed on to it."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F, Q, QuerySet

from accounts.acting import Actor
from accounts.models import BusinessAccount
from accounts.queries.leads import leads_of_units, officers_of, operators
from accounts.queries.persons import persons_of
from courses.models import Course, YearlyPolicy
from courses.models.lookups import AnyOf
from courses.models.querysets import handled_q
from courses.queries import in_charge
from courses.queries.queues import Source, UnitQueue
from hours.enums import WAITING, ObjectionState, ReplyLevel
from hours.models import Objection
from hours.queries.objection_days import days_of
from kit import clock

ABOVE = (ReplyLevel.COUNTY, ReplyLevel.OPERATOR)


# What the pages and the API show with an objection.
RELATED = ("course__unit", "course__handler__user", "user", "answered_by", "reviewed_by")


def own(person: int) -> QuerySet[Objection]:
    """Return the objections of a person, also of merged records."""
    return Objection.objects.filter(AnyOf(F("user_id"), persons_of(person)))


def visible_to(by: Actor) -> QuerySet[Objection]:
    rows = Objection.objects.filter(course__unit=by.unit_id)
    return rows if by.is_unit_lead else rows.filter(handled_q(by.appointment.pk, "course__"))


def waiting_for(by: Actor) -> Source:
    """The queue on the desk of a unit's hat (`courses.queries.queues`): what it may reply to."""
    rows = visible_to(by).filter(state__in=WAITING)
    mine = Q(state=ObjectionState.OPEN)
    if by.is_unit_lead:
        mine |= Q(review_level=ReplyLevel.LEAD) & ~Q(answered_by=by.user)
    return rows.filter(mine), "raised_at"


QUEUE = UnitQueue(
    waiting_for,
    """
SELECT COUNT(*), MIN(objection.raised_at)
FROM hours_objection AS objection JOIN courses_course AS course ON course.id = objection.course_id
WHERE course.unit_id = %(unit)s AND objection.state IN ({waiting})
    AND (%(is_lead)s OR course.handler_id = %(account)s OR course.co_handler_id = %(account)s)
    AND (
        objection.state = '{open}'
        OR (
            %(is_lead)s AND objection.review_level = '{lead}'
            AND (objection.answered_by_id IS NULL OR objection.answered_by_id <> %(person)s)
        )
    )
""".replace("{waiting}", ", ".join(f"'{state.value}'" for state in sorted(WAITING)))
    .replace("{open}", ObjectionState.OPEN.value)
    .replace("{lead}", ReplyLevel.LEAD.value),
)


def passed_on_to(by: Actor) -> QuerySet[Objection]:
    """Return what an officer or the operator may reply to, and what was replied to or reviewed above the units."""
    rows = Objection.objects.all()
    if not by.is_operator_hat:
        rows = rows.filter(course__unit__county=by.appointment.unit.county)
        rows = rows.filter(course__unit__county__isnull=False)
    policies, today = YearlyPolicy.objects.current(), clock.today()
    waiting = rows.filter(state__in=WAITING).select_related("course__unit")
    late = [row.pk for row in waiting if days_of(row, policies).is_at_county(today)]
    return rows.filter(Q(pk__in=late) | Q(answered_level__in=ABOVE) | Q(review_level__in=ABOVE))


Leads = Mapping[int, Sequence[BusinessAccount]]


def leads_of(rows: Iterable[Objection]) -> Leads:
    """Return the leads of the units of objections, for `next_level` in a list."""
    return leads_of_units({row.course.unit_id for row in rows})


def next_level(objection: Objection, leads: Leads | None = None) -> ReplyLevel | None:
    """Return who reviews an answer: the level above the one that replied; None above the operator.

    A unit whose only lead replied, or that has no lead, is followed by its county; a unit without a county by the operator.
    """
    course, level = objection.course, objection.answered_level or ReplyLevel.HANDLER
    if level == ReplyLevel.OPERATOR:
        return None
    if level == ReplyLevel.COUNTY:
        return ReplyLevel.OPERATOR
    if level == ReplyLevel.HANDLER and _leads_besides(course, objection.answered_by_id, leads):
        return ReplyLevel.LEAD
    return ReplyLevel.COUNTY if course.unit.county_id else ReplyLevel.OPERATOR


def repliers(objection: Objection) -> list[BusinessAccount]:
    """Return the accounts that have to reply now: those in charge, or those who review. The caller has loaded `course__handler__user`."""
    course = objection.course
    if objection.state != ObjectionState.REVIEW:
        return list(in_charge.of_course(course).accounts)
    if objection.review_level == ReplyLevel.LEAD:
        return _leads_besides(course, objection.answered_by_id)
    if objection.review_level == ReplyLevel.COUNTY:
        return officers_of([course.unit.county_id]) or operators()
    return operators()


def _leads_besides(course: Course, person: int | None, leads: Leads | None = None) -> list[BusinessAccount]:
    known = leads_of_units([course.unit_id]) if leads is None else leads
    return [lead for lead in known.get(course.unit_id, ()) if lead.user_id != person]
