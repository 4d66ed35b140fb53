"""Who may take training records along, and who may reply to an objection."""

from datetime import date

from accounts.acting import Actor
from accounts.models import County, Unit
from accounts.rules import may_oversee_county
from courses.errors import OnlyOversight
from courses.models import YearlyPolicy
from courses.rules import may_manage, require_manager
from hours.enums import ObjectionState, ReplyLevel
from hours.errors import NotYourObjection, OnlyUnitLead
from hours.models import Objection
from hours.queries.objection_days import days_of


def require_records_of_unit(by: Actor) -> Unit:
    """The unit of a lead. Raise OnlyUnitLead."""
    if not (by.is_unit_lead and by.is_in_force):
        raise OnlyUnitLead
    return by.appointment.unit


def require_records_of_county(by: Actor, county: County) -> None:
    """An officer's own county, any county of the operator's. Raise OnlyOversight."""
    if not may_oversee_county(by, county.pk):
        raise OnlyOversight


def level_of(by: Actor) -> ReplyLevel:
    """Return the level at which a hat replies."""
    if by.is_operator_hat:
        return ReplyLevel.OPERATOR
    if by.is_county_hat:
        return ReplyLevel.COUNTY
    return ReplyLevel.LEAD if by.is_unit_lead else ReplyLevel.HANDLER


def may_reply(by: Actor, objection: Objection, day: date) -> bool:
    """Whether a hat may reply to what waits: those in charge of the course to an objection, the next level to a request for a review.

    The county and the operator reply once it was passed on to them (`objection_days`); nobody reviews an own answer.
    """
    if not by.is_in_force or not objection.is_waiting:
        return False
    is_review = objection.state == ObjectionState.REVIEW
    if is_review and objection.answered_by_id == by.user.pk:
        return False
    if by.is_unit_hat:
        is_mine = may_manage(by, objection.course)
        return is_mine and (not is_review or (by.is_unit_lead and objection.review_level == ReplyLevel.LEAD))
    if not by.is_operator_hat and not by.oversees_county(objection.course.unit.county_id):
        return False
    if is_review and objection.review_level == ReplyLevel.OPERATOR:
        return by.is_operator_hat
    return days_of(objection, YearlyPolicy.objects.current()).is_at_county(day)


def require_replier(by: Actor, objection: Objection, day: date) -> None:
    """Raise NotYourObjection; in a unit's hat also what `courses.rules.require_manager` raises."""
    if by.is_unit_hat or by.account is None:
        require_manager(by, objection.course)
    if not may_reply(by, objection, day):
        raise NotYourObjection
