"""報名: enrol, cancel, accept a free place. Capacity is never exceeded, also under concurrent requests.

Every action locks the course's row first and the enrolment's second (docs/locking.md).
"""

from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.models import Affiliation
from audit import log
from courses.actions import absence_states, confirmations, seats
from courses.actions.enrolment_record import record_change
from courses.enums import LIVE, SEATED, Admission, CourseState, EnrolmentState
from courses.errors import (
    AlreadyEnrolled,
    CannotUndo,
    CourseFull,
    CourseOver,
    EnrolmentClosed,
    NotEnrolled,
    NothingOffered,
    NotWaiting,
    PlaceTaken,
    TooLateToCancel,
)
from courses.locks import lock_course, lock_enrolment_of, share_course
from courses.models import Course, Enrolment
from courses.queries.enrolment_facts import EnrolmentFacts, enrolment_facts
from courses.queries.windows import cancel_window, is_offered_to, is_open_to_all, may_cancel, placed_at
from kit import clock

S = EnrolmentState


def enrol(*, code: str, by: Actor, at: datetime | None = None) -> Enrolment:
    """Enrol the acting person: admitted at once, under review, or on the waiting list when the course is full.

    A free place for which others wait goes to them: newcomers join the list, until two hours before the first session.
    Raise Course.DoesNotExist (no such course, or a draft), EnrolmentClosed, AlreadyEnrolled, CourseFull (no waiting list).
    """
    moment = at or clock.now()
    row, met_a_free_place = _enrol(code, by, moment)
    # A place that was given back while the person began to wait goes to the first of those who did so.
    return _settle(row, moment) if row.state == S.WAITLISTED and met_a_free_place else row


@transaction.atomic
def _enrol(code: str, by: Actor, moment: datetime) -> tuple[Enrolment, bool]:
    """Return the row, and whether a place is free although the person begins to wait."""
    facts = enrolment_facts(code, by.user.pk, clock.today(moment))
    if facts is None:
        raise Course.DoesNotExist
    if not facts.course.enrolment_is_open(moment):
        raise EnrolmentClosed
    if facts.has_twin or (facts.known_id and facts.known_state != S.CANCELLED):
        raise AlreadyEnrolled
    state, met_a_free_place = _state_on_enrolling(facts, moment)
    row = _reopen(facts.known_id, state, moment) if facts.known_id else _create(facts, by, state, moment)
    event = log.record("enrolment.enrol", row, by=by, unit_id=facts.course.unit_id, after={"state": state})
    confirmations.confirm(row, facts.course, by.user, event)
    return row, met_a_free_place


def _state_on_enrolling(facts: EnrolmentFacts, moment: datetime) -> tuple[EnrolmentState, bool]:
    """Return the initial state of an enrolment, and whether a place is free although the person has to wait."""
    course = facts.course
    if course.admission == Admission.AUTOMATIC:
        for_anybody = not facts.is_awaited or (course.seats_left > 0 and is_open_to_all(course, moment))
        if for_anybody and course.seats_left and seats.claim_unasked(course.pk):
            return S.ADMITTED, False
        if not course.waiting_list and not (facts.is_awaited and course.seats_left):
            _refuse_full(course)
    # Hold the shared lock until this row is written: until then the course cannot be withdrawn, and a place that is given back
    # cannot skip the person who is joining the waiting list.
    now = share_course(course.pk)
    if now.state != CourseState.REGISTERED:
        raise EnrolmentClosed
    if now.admission == Admission.REVIEW:
        return S.APPLIED, False
    if now.left <= 0 and not course.waiting_list:
        raise CourseFull(capacity=course.capacity)
    return S.WAITLISTED, now.left > 0


def _refuse_full(course: Course) -> None:
    """Refuse without the course's lock, which thousands would wait for at once; return when the organiser decides meanwhile.

    Raise CourseFull, EnrolmentClosed.
    """
    course.refresh_from_db(fields=["state", "admission"])
    if course.state != CourseState.REGISTERED:
        raise EnrolmentClosed
    if course.admission == Admission.AUTOMATIC:
        raise CourseFull(capacity=course.capacity)


@transaction.atomic
def _settle(row: Enrolment, moment: datetime) -> Enrolment:
    """Give the free places of the person's course to those who began to wait first, in their order."""
    course = lock_course(row.course)
    seats.fill(course, moment, newcomer=row)
    return Enrolment.objects.select_related("course", "user").get(pk=row.pk)


def _create(facts: EnrolmentFacts, by: Actor, state: EnrolmentState, moment: datetime) -> Enrolment:
    try:
        return Enrolment.objects.create(
            course=facts.course, user=by.user, unit_id=facts.unit_id, state=state, enrolled_at=moment
        )
    except IntegrityError:
        # The same person was faster in another window; leaving the transaction gives the place back.
        raise AlreadyEnrolled from None


def _reopen(known: int, state: EnrolmentState, moment: datetime) -> Enrolment:
    changed = Enrolment.objects.filter(pk=known, state=S.CANCELLED).update(
        state=state, enrolled_at=moment, decided_at=None, walk_in=False
    )
    if not changed:
        raise AlreadyEnrolled
    return Enrolment.objects.select_related("course", "user").get(pk=known)


@transaction.atomic
def enrol_on_the_spot(*, course: Course, by: Actor, at: datetime | None = None) -> Enrolment:
    """現場報名: give the acting person a free place of a course that admits at once, whatever its enrolment window.

    The caller has checked that the person is there. Raise AlreadyEnrolled, EnrolmentClosed (not registered; declined by the
    organiser, or the organiser decides), CourseFull.
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row and row.state in SEATED:
        raise AlreadyEnrolled
    is_decided = course.admission == Admission.REVIEW or (row is not None and row.state == S.DECLINED)
    if course.state != CourseState.REGISTERED or is_decided:
        raise EnrolmentClosed
    if not seats.claim_unasked(course.pk):
        raise CourseFull(capacity=course.capacity)
    if row is None:
        serves = Affiliation.objects.serving(clock.today(moment)).filter(user=by.user).order_by("rank", "id")
        unit = serves.values_list("unit_id", flat=True).first()
        row = Enrolment(course=course, user=by.user, unit_id=unit, enrolled_at=moment)
    row.state, row.walk_in, row.decided_at = S.ADMITTED, False, moment
    row.save()
    event = log.record(
        "enrolment.on_the_spot", row, by=by, unit_id=course.unit_id, after={"state": S.ADMITTED}
    )
    confirmations.confirm(row, course, by.user, event)
    return row


@transaction.atomic
def cancel(*, course: Course, by: Actor, at: datetime | None = None) -> Enrolment:
    """Cancel the acting person's own enrolment. This frees the place and is no absence (letter).

    The admitted may cancel in the window of `courses.queries.windows`, the others until the course is over. Raise NotEnrolled,
    TooLateToCancel, CourseOver.
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row is None or row.state not in LIVE:
        raise NotEnrolled
    if not may_cancel(course, row, moment):
        _refuse_to_cancel(course, row)
    return give_up(course, row, by=by, at=moment)


def give_up(course: Course, row: Enrolment, *, by: Actor, at: datetime) -> Enrolment:
    """Cancel the acting person's own enrolment and pass a place on. The caller has locked both and checked that they may."""
    [event] = record_change("enrolment.cancel", course, [row], by=by, after={"state": S.CANCELLED})
    confirmations.confirm_cancelled(row, course, by.user, event)
    pass_on(course, row, at)
    return row


def pass_on(course: Course, row: Enrolment, at: datetime) -> None:
    """Cancel an enrolment and offer its place as after a cancellation. The caller has locked both and recorded it."""
    is_freed = row.state in SEATED and not row.walk_in
    row.state, row.decided_at = S.CANCELLED, at
    row.save(update_fields=["state", "decided_at"])
    if is_freed:
        absence_states.end([row.pk], at)
        seats.free(course.pk)
    seats.fill(course, at, is_freed=is_freed)


def _refuse_to_cancel(course: Course, row: Enrolment) -> NoReturn:
    """Raise TooLateToCancel, which names the end of the window; CourseOver for a person who never had a place."""
    if row.state != S.ADMITTED:
        raise CourseOver
    window = cancel_window(course, placed_at(row))
    raise TooLateToCancel(window.until, window.last_day) if window.until else CannotUndo


@transaction.atomic
def accept(*, course: Course, by: Actor, at: datetime | None = None) -> Enrolment:
    """Take a free place that was offered to the waiting list: the first person to accept gets it.

    Raise NotWaiting, NothingOffered (the list moves up by itself, or the organiser decides), PlaceTaken (another person was
    faster).
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row is None or row.state != S.WAITLISTED:
        raise NotWaiting
    if not course.seats_left:
        raise PlaceTaken
    if not is_offered_to(course, row, moment) or not seats.claim(course.pk):
        raise NothingOffered
    [event] = record_change("enrolment.accept", course, [row], by=by, after={"state": S.ADMITTED})
    row.state, row.decided_at = S.ADMITTED, moment
    row.save(update_fields=["state", "decided_at"])
    confirmations.confirm(row, course, by.user, event)
    seats.fill(course, moment)
    return row
