"""A person is closed: enrolments in coming courses are cancelled, and their places go on as after any cancellation."""

from typing import Any

from accounts.acting import Actor
from accounts.models import User
from courses.actions import confirmations, enrolments
from courses.actions.enrolment_record import record_change
from courses.enums import EnrolmentState
from courses.locks import lock_courses, lock_enrolments
from courses.queries.leavers import enrolments_to_cancel
from kit import clock


def cancel_enrolments(
    sender: Any, *, person: User, by: Actor, reason: str, announce: bool, **_: object
) -> None:
    """Cancel what `enrolments_to_cancel` returns, in the transaction in which the person is closed. `announce`: notify the person."""
    at = clock.now()
    courses = lock_courses(enrolments_to_cancel(person.pk, at).values_list("course_id", flat=True))
    for pk, course in courses.items():
        # Read again under the course's lock: the organiser may have decided meanwhile.
        mine = enrolments_to_cancel(person.pk, at).filter(course=pk)
        for row in lock_enrolments(course, mine.values_list("pk", flat=True)):
            after = {"state": EnrolmentState.CANCELLED}
            [event] = record_change("enrolment.cancel", course, [row], by=by, after=after, reason=reason)
            if announce:
                confirmations.confirm_cancelled(row, course, person, event, is_closed=True)
            enrolments.pass_on(course, row, at)
