"""People who leave: their enrolments in coming courses end, their places go on as after any cancellation, and nobody's courses are left unseen.

A person who is closed loses all of them; one whose place of service has ended only those in courses for the unit's own staff
(docs/adr/0038). The courses of an account that ends are named to those who can have them moved.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import UNIT_ROLES, Role
from accounts.locks import lock_people
from accounts.models import BusinessAccount, User
from accounts.queries.leads import leads_of_units, overseers_of
from accounts.unit_pages import unit_page
from audit.models import AuditEvent
from courses.actions import confirmations, enrolments
from courses.actions.enrolment_record import record_change
from courses.enums import EnrolmentState
from courses.locks import lock_course, lock_courses, lock_enrolments
from courses.models import Course, Enrolment
from courses.models.double_enrolments import each_person_once
from courses.queries import in_charge
from courses.queries.leavers import courses_with_leavers, enrolments_of_leavers, enrolments_to_cancel
from courses.queries.transfers import unclosed_of
from kit import clock
from kit.one_by_one import one_by_one
from notices import outbox

logger = logging.getLogger(__name__)
CANCELLED = {"state": EnrolmentState.CANCELLED}


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
            [event] = record_change("enrolment.cancel", course, [row], by=by, after=CANCELLED, reason=reason)
            if announce:
                confirmations.confirm_cancelled(row, course, person, event, because="closed")
            enrolments.pass_on(course, row, at)


def cancel_each_night(at: datetime | None = None) -> int:
    """Cancel the enrolments of people who have left the staff that a course is for; return how many. Safe to run twice.

    A course that fails keeps no other from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    moment, cancelled = at or clock.now(), 0
    with one_by_one(logger, "enrolments of leavers could not be cancelled") as turn:
        for pk in courses_with_leavers(moment):
            with turn(f"course {pk}"):
                cancelled += _cancel_of_leavers(pk, moment)
    return cancelled


@transaction.atomic
def _cancel_of_leavers(course_id: int, at: datetime) -> int:
    """Cancel them in one course, with a notice to each person and one to those in charge."""
    people = enrolments_of_leavers(at).filter(course=course_id).values_list("user_id", "user__merged_into")
    lock_people({pk for pair in people for pk in pair if pk})
    course = lock_course(Course(pk=course_id))
    # Read again under the locks: a person may serve there again, or the course be open to others.
    rows = lock_enrolments(
        course, enrolments_of_leavers(at).filter(course=course_id).values_list("pk", flat=True)
    )
    if not rows:
        return 0
    told = each_person_once(rows)
    events = record_change("enrolment.left_staff", course, rows, by=None, after=CANCELLED)
    for row, event in zip(rows, events, strict=True):
        if row in told:
            confirmations.confirm_cancelled(row, course, row.user, event, because="left")
    _notify_in_charge(course, told, events[0])
    for row in rows:
        enrolments.pass_on(course, row, at)
    return len(rows)


def _notify_in_charge(course: Course, rows: Sequence[Enrolment], event: AuditEvent) -> None:
    facts = {"unit": course.unit.name, "people": [row.user.name for row in rows]}
    outbox.write(
        outbox.NewNotice(
            kind="staff_left",
            to=person,
            about=f"course:{course.pk}",
            event=event.pk,
            path=reverse("courses:applicants", args=[course.code]),
            context={
                "course": course.title,
                "code": course.code,
                "starts_on": course.starts_on,
                **facts,
            },
        )
        for person in in_charge.of_course(course).people
    )


def notify_of_courses(sender: Any, *, accounts: Sequence[BusinessAccount], **_: object) -> None:
    """Name the unclosed courses of accounts that end to those who can have them moved: the unit's leads, its handlers, or the county.

    The account's page, to which the notice leads, offers the transfer; a handler requests the courses for the own account.
    """
    leaving = {account.pk for account in accounts}
    for account in accounts:
        if courses := list(unclosed_of(account)):
            people, path, has_colleague = _who_can_move(account, leaving)
            outbox.write(_of_courses(account, courses, person, path, has_colleague) for person in people)


def _who_can_move(account: BusinessAccount, leaving: Collection[int]) -> tuple[list[User], str, bool]:
    """Return who is notified of the courses of an account, where they are moved, and whether the unit has a colleague to take them.

    `leaving`: accounts that end in the same act.
    """
    at_unit = leads_of_units([account.unit_id], roles=UNIT_ROLES).get(account.unit_id, [])
    staying = [row for row in at_unit if row.pk not in leaving]
    of_account = reverse("courses:account", args=[account.pk])
    if leads := [row.user for row in staying if row.role == Role.UNIT_LEAD]:
        return leads, of_account, True
    if staying:
        at_transfers = unit_page("courses:transfers", account.unit_id)
        return list(dict.fromkeys(row.user for row in staying)), at_transfers, True
    return overseers_of([account.unit.county_id])[account.unit.county_id], of_account, False


def _of_courses(
    account: BusinessAccount, courses: Sequence[Course], person: User, path: str, has_colleague: bool
) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind="courses_left",
        to=person,
        about=f"account:{account.pk}",
        # Once when the last day is set, and again on that day for what is left then.
        event="ended" if account.ended_at else f"ends:{account.valid_until}",
        path=path,
        context={
            "account": account.number,
            "name": account.user.name,
            "unit": account.unit.name,
            "day": account.valid_until,
            "has_colleague": has_colleague,
            "courses": [{"code": row.code, "title": row.title, "ended": row.ends_on} for row in courses],
        },
    )
