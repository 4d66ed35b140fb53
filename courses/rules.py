"""Who may do what with a course: predicates, and their twins that refuse."""

from collections.abc import Collection

from accounts.acting import Actor
from accounts.models import BusinessAccount
from courses.enums import CourseState
from courses.errors import NeedsBusinessAccount, NotTheHandler, NotYourUnit, OnlyOperator
from courses.models import Course


def may_manage(actor: Actor, course: Course) -> bool:
    """The handler and the second handler through their accounts, or the unit's lead."""
    return _acts_for(actor, course, (course.handler_id, course.co_handler_id))


def may_name_handlers(actor: Actor, course: Course) -> bool:
    """The handler through the account that owns the course, or the unit's lead; not the second handler."""
    return _acts_for(actor, course, (course.handler_id,))


def _acts_for(actor: Actor, course: Course, accounts: Collection[int | None]) -> bool:
    """Return whether a hat of the course's unit is the lead's or one of the accounts."""
    if not actor.is_unit_hat or actor.unit_id != course.unit_id or actor.account is None:
        return False
    return actor.is_unit_lead or actor.account.pk in accounts


def may_name_second_handler(actor: Actor, course: Course) -> bool:
    """Those who name handlers, as long as the course is not closed or withdrawn."""
    return may_name_handlers(actor, course) and course.is_changeable


def may_set_audience(actor: Actor, course: Course) -> bool:
    """Those in charge of a course that is not closed or withdrawn."""
    return may_manage(actor, course) and course.is_changeable


def may_write_to_people(actor: Actor, course: Course) -> bool:
    """Those in charge of a registered course, also after it is closed."""
    return may_manage(actor, course) and course.state in (CourseState.REGISTERED, CourseState.CLOSED)


def may_add_people(actor: Actor, course: Course) -> bool:
    """Those in charge, as long as the course is not over."""
    return may_manage(actor, course) and course.is_unclosed and not course.has_ended()


def may_name_helpers(actor: Actor, course: Course) -> bool:
    """Those in charge of a registered course, also once it is over: the closing sheet knows who lectured and helped."""
    return may_manage(actor, course) and course.state == CourseState.REGISTERED


def may_manage_files(actor: Actor, course: Course) -> bool:
    """Those in charge of a course that is not withdrawn; also after it is closed, when the evidence is put together."""
    return may_manage(actor, course) and course.state != CourseState.WITHDRAWN


def require_unit_hat(actor: Actor) -> BusinessAccount:
    """The active business account that is on. Raise NeedsBusinessAccount (also for one that has ended meanwhile)."""
    if actor.account is None or not actor.is_unit_hat or not actor.account.is_active():
        raise NeedsBusinessAccount
    return actor.account


def require_manager(actor: Actor, course: Course) -> None:
    """Raise NeedsBusinessAccount, NotYourUnit, NotTheHandler."""
    require_unit_hat(actor)
    if not may_manage(actor, course):
        raise not_the_handler(actor, course)


def not_the_handler(actor: Actor, course: Course) -> NotTheHandler | NotYourUnit:
    """Return the refusal for a person who is not the handler: only people of the course's own unit see the handler's name."""
    if actor.is_unit_hat and actor.unit_id == course.unit_id:
        return NotTheHandler(handler=course.handler.user.name)
    return NotYourUnit()


def require_operator(actor: Actor) -> None:
    """Raise OnlyOperator."""
    if not (actor.is_operator_hat and actor.is_in_force):
        raise OnlyOperator
