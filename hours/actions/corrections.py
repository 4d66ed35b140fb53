"""After closing: corrections only, each with a reason, as new ledger rows."""

from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.models import User
from accounts.queries.persons import survivor
from audit import log
from audit.models import AuditEvent
from courses.actions import absence_states, attendance_outcomes
from courses.actions.states import lock_managed
from courses.enums import OUTCOMES, CourseState, EnrolmentState, Participation
from courses.locks import lock_enrolments
from courses.models import Course, Enrolment
from courses.models.typed import Typed
from courses.queries.hour_steps import hour_step
from hours.actions import walk_ins
from hours.actions.sheets import check_hours
from hours.enums import CreditKind
from hours.errors import ListedAsOther, NotClosedYet, NothingToCorrect, ReasonMissing, ReasonTooLong
from hours.models import HourCredit
from hours.models.sheet import ZERO
from kit import clock
from kit.typed_texts import require_reason
from notices import outbox

S = EnrolmentState
# The longest reason that the ledger keeps.
REASON = 300


@transaction.atomic
def correct(
    *,
    enrolment: Enrolment,
    by: Actor,
    state: EnrolmentState,
    hours: Decimal,
    reason: str,
    participation: str | None = None,
    at: datetime | None = None,
) -> HourCredit | None:
    """Set the outcome of one person of a closed course; the difference becomes a row of the ledger with the reason.

    A state other than attended takes all hours back (revoked). With another `participation` the hours of the old kind are taken
    back and those of the new one issued. Return the last row, or None when no hours changed. Raise NotClosedYet, ReasonMissing,
    BadHours, NumberInText, NothingToCorrect, NotTheHandler, HelperNotAbsent.
    """
    course, by = _lock_closed(enrolment.course, by)
    (row,) = lock_enrolments(course, [enrolment.pk])
    credit, event = _correct(course, row, by, state, hours, reason, at, participation)
    _notify(course, row, hours if state == S.ATTENDED else ZERO, by, reason, event)
    return credit


def set_outcome(
    *,
    course: Course,
    person: User,
    by: Actor,
    state: EnrolmentState,
    hours: Decimal,
    reason: str,
    participation: str | None = None,
    at: datetime | None = None,
) -> Decimal:
    """Correct the outcome of a person as part of another act, which notifies the person; return the hours that count now.

    Of merged records the enrolment that counts is corrected. A person who was forgotten at closing is added, as `participation` or else as
    a participant. The caller has locked the course and checked the right to it. Raise as `correct` does, and ReasonTooLong.
    """
    if course.state != CourseState.CLOSED:
        raise NotClosedYet
    if len(reason) > REASON:
        raise ReasonTooLong(most=REASON)
    person = survivor(person)
    known = course.enrolments.of_person(person.pk).filter(state__in=OUTCOMES).counting_once().first()
    if known is None:
        if state != S.ATTENDED:
            raise NothingToCorrect(name=person.name, hours=ZERO)
        check_hours(course, person.name, hours, hour_step(course))
        parts = {person.pk: participation} if participation else None
        known = attendance_outcomes.add_walk_ins(course, [person], at or clock.now(), parts)[0]
    (row,) = lock_enrolments(course, [known.pk])
    _correct(course, row, by, state, hours, reason, at, participation)
    return hours if state == S.ATTENDED else ZERO


def _correct(
    course: Course,
    row: Enrolment,
    by: Actor,
    state: EnrolmentState,
    hours: Decimal,
    reason: str,
    at: datetime | None,
    participation: str | None = None,
) -> tuple[HourCredit | None, AuditEvent]:
    """Write the outcome, the difference in hours and the record of a locked enrolment in a closed course."""
    require_reason(reason, ReasonMissing)
    wanted = hours if state == S.ATTENDED else ZERO
    if state == S.ATTENDED:
        check_hours(course, row.user.name, wanted, hour_step(course))
    has = row.credits.aggregate(total=Sum("hours"))["total"] or ZERO
    part = participation or row.participation
    if wanted == has and state == row.state and part == row.participation:
        raise NothingToCorrect(name=row.user.name, hours=has)
    before = {"state": row.state, "hours": has, "participation": row.participation}
    credit = None
    if part == row.participation:
        attendance_outcomes.set_outcomes([row], {row.pk: state})
    else:
        credit, has = _write(row, -has, ZERO, by, reason.strip(), at), ZERO
        attendance_outcomes.take_part_as(row, part, state)
    absence_states.settle({row.pk: state}, by, at or clock.now())
    credit = _write(row, wanted - has, wanted, by, reason.strip(), at) or credit
    event = log.record(
        "hours.correct",
        row,
        by=by,
        unit_id=course.unit_id,
        reason=reason.strip(),
        before=before,
        after={"state": state, "hours": wanted, "participation": part},
    )
    return credit, event


def add_person(
    *,
    course: Course,
    person: User | Typed,
    by: Actor,
    hours: Decimal,
    reason: str,
    participation: str = Participation.PARTICIPANT,
    at: datetime | None = None,
) -> HourCredit | None:
    """Add a person who was not on the list when the course was closed. The typed identity is looked up last.

    Raise ListedAsOther, and as `correct` and `walk_ins.look_up` do.
    """
    if isinstance(person, Typed):
        ready = partial(_addable, hours=hours, reason=reason)
        [person] = walk_ins.look_up(course=course, by=by, typed=[person], ready=ready, at=at)
    return _add_person(course, person, by, hours, reason, participation, at)


def _addable(course: Course, *, hours: Decimal, reason: str) -> None:
    """The rules for adding anybody to a locked course."""
    if course.state != CourseState.CLOSED:
        raise NotClosedYet
    require_reason(reason, ReasonMissing)
    check_hours(course, _("Walk-in"), hours, hour_step(course))


@transaction.atomic
def _add_person(
    course: Course,
    person: User,
    by: Actor,
    hours: Decimal,
    reason: str,
    participation: str,
    at: datetime | None,
) -> HourCredit | None:
    course, by = lock_managed(course, by)
    _addable(course, hours=hours, reason=reason)
    person = survivor(person)
    known = course.enrolments.of_person(person.pk).filter(state__in=OUTCOMES).counting_once().first()
    if known is None:
        parts = {person.pk: participation}
        known = attendance_outcomes.add_walk_ins(course, [person], at or clock.now(), parts)[0]
    elif known.participation != participation:
        raise ListedAsOther(name=person.name, kind=known.get_participation_display())
    return correct(enrolment=known, by=by, state=S.ATTENDED, hours=hours, reason=reason, at=at)


def _lock_closed(course: Course, by: Actor) -> tuple[Course, Actor]:
    course, by = lock_managed(course, by)
    if course.state != CourseState.CLOSED:
        raise NotClosedYet
    return course, by


def _write(
    row: Enrolment, difference: Decimal, total: Decimal, by: Actor, reason: str, at: datetime | None
) -> HourCredit | None:
    if difference == ZERO:
        return None
    return HourCredit.objects.create(
        enrolment=row,
        course_id=row.course_id,
        user_id=row.user_id,
        kind=CreditKind.REVOKED if total == ZERO else CreditKind.CORRECTED,
        participation=row.participation,
        hours=difference,
        reason=reason,
        issued_by=by.user,
        issued_at=at or clock.now(),
    )


def _notify(
    course: Course, row: Enrolment, hours: Decimal, by: Actor, reason: str, event: AuditEvent
) -> None:
    outbox.write(
        [
            outbox.NewNotice(
                kind="hours_corrected",
                to=row.user,
                about=f"enrolment:{row.pk}",
                event=event.pk,
                path=reverse("hours:me"),
                context={
                    "course": course.title,
                    "code": course.code,
                    "hours": hours,
                    "part": row.participation,
                    "state": EnrolmentState(row.state).label,
                    "attended": row.state == S.ATTENDED,
                    "reason": reason,
                },
                sent_by=by.person_label,
            )
        ]
    )
