"""報名: enrol, cancel, accept a free place. Capacity is never exceeded, also under concurrent requests.

Every action locks the course's row first and the enrolment's second (docs/locking.md).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple, NoReturn

from django.db import IntegrityError, connection, transaction

from accounts.acting import Actor
from audit import log
from courses.actions import absence_states, confirmations, questions, quota_seats, seats
from courses.actions.enrolment_record import record_change
from courses.enums import LIVE, SEATED, Admission, CourseState, EnrolmentState, Participation
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
from courses.errors.audience import OUTSIDE, AudienceChanged
from courses.errors.participants import NamedAsHelper
from courses.locks import lock_course, lock_enrolment_of, share_course
from courses.models import Course, Enrolment, Quota
from courses.queries.audiences import obstacle_of
from courses.queries.enrolment_facts import EnrolmentFacts, enrolment_facts
from courses.queries.helpers import named_as
from courses.queries.quotas import allot
from courses.queries.windows import cancel_window, is_offered_to, is_open_to_all, may_cancel, placed_at
from kit import clock
from kit.plain_insert import insert

S = EnrolmentState


def enrol(
    *, code: str, by: Actor, replies: Mapping[int, str] | None = None, at: datetime | None = None
) -> Enrolment:
    """Enrol the acting person: admitted at once, under review, or on the waiting list when the course is full.

    `replies` are those to the course's questions, by their numbers.

    A free place for which others wait goes to them: newcomers join the list, until two hours before the first session.
    Raise Course.DoesNotExist (no such course, or a draft), EnrolmentClosed, AlreadyEnrolled, NamedAsHelper, OutsideAudience, CourseFull (no
    waiting list), AnswerMissing, NotAChoice.
    """
    moment = at or clock.now()
    # Part of a longer transaction is an enrolment by a request with an idempotency key.
    is_part = connection.in_atomic_block
    queue = Queue.WHEN_NEEDED
    while True:
        try:
            row, met_a_free_place = _enrol(code, by, replies or {}, moment, queue, is_part)
        except _QueueFirst as again:
            queue = again.queue
        else:
            break
    # A place that was given back while the person began to wait goes to the first of those who did so.
    return _settle(row, moment) if row.state == S.WAITLISTED and met_a_free_place else row


class Queue(IntEnum):
    """When an enrolment takes the queue of its course, and whether alone."""

    WHEN_NEEDED = 0
    TOGETHER = 1
    ALONE = 2


class _QueueFirst(Exception):  # noqa: N818 - no error: the transaction is undone and done again
    """The queue has to be taken before what the transaction holds already: it is undone, and begins again with the queue."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue


@transaction.atomic
def _enrol(
    code: str, by: Actor, replies: Mapping[int, str], moment: datetime, queue: Queue, is_part: bool
) -> tuple[Enrolment, bool]:
    """Return the row, and whether a place is free although the person begins to wait. Raise _QueueFirst, what `enrol` raises."""
    facts = enrolment_facts(code, by.user.pk, clock.today(moment))
    if facts is None:
        raise Course.DoesNotExist
    if not facts.course.enrolment_is_open(moment):
        raise EnrolmentClosed
    if facts.has_twin or (facts.known_id and facts.known_state != S.CANCELLED):
        raise AlreadyEnrolled
    if facts.is_helper:
        refuse_helper(facts.course, by)
    outcome = _outcome(facts, by, moment, queue)
    if outcome.met_a_free_place and is_part and queue < Queue.ALONE:
        # Settling needs the queue alone; two who share it to the end of their transactions would wait for each other.
        raise _QueueFirst(Queue.ALONE)
    # Again under the course's lock, which the place was claimed with: the organiser may have named the person meanwhile.
    refuse_helper(facts.course, by)
    state = outcome.state
    row = _reopen(facts.known_id, outcome, moment) if facts.known_id else _create(facts, by, outcome, moment)
    if facts.has_questions:
        questions.write(row, facts.course, replies)
    event = log.record("enrolment.enrol", row, by=by, unit_id=facts.course.unit_id, after={"state": state})
    confirmations.confirm(row, facts.course, by.user, event)
    return row, outcome.met_a_free_place


class Outcome(NamedTuple):
    """The initial state of an enrolment, whether a place is free although the person has to wait, and whose quota's place it is."""

    state: EnrolmentState
    met_a_free_place: bool = False
    quota: Quota | None = None


def _outcome(facts: EnrolmentFacts, by: Actor, moment: datetime, queue: Queue) -> Outcome:
    if facts.course.is_restricted or facts.course.seats_kept:
        return _outcome_under_conditions(facts, by, moment, queue)
    return Outcome(*_state_on_enrolling(facts, moment, queue))


def _outcome_under_conditions(facts: EnrolmentFacts, by: Actor, moment: datetime, queue: Queue) -> Outcome:
    """What enrolling leads to in a course that only some may enrol in, or that keeps places for some. Raise OutsideAudience.

    While the course's queue is shared its audience cannot change; where places are kept the course is locked.
    """
    person = by.user.pk
    course = _under_lock(facts.course, queue)
    if course.state != CourseState.REGISTERED:
        raise EnrolmentClosed
    if course.seats_kept and quota_seats.release_over(course, moment):
        # What was kept until yesterday belongs to those who wait.
        seats.fill(course, moment)
        course.refresh_from_db(fields=seats.COUNTED)
    require_audience(course, person, moment)
    if course.admission == Admission.REVIEW:
        return Outcome(S.APPLIED)
    found = allot(course, [person], moment)
    is_awaited = course.enrolments.waiting().exists()
    for_anybody = not is_awaited or (course.seats_left > 0 and is_open_to_all(course, moment))
    if (found.kept or (found.open and for_anybody)) and quota_seats.claim(course.pk, found):
        return Outcome(S.ADMITTED, quota=found.kept.get(person))
    course.refresh_from_db(fields=seats.COUNTED)
    if not course.waiting_list and not (is_awaited and course.seats_left):
        raise CourseFull(capacity=course.capacity)
    return Outcome(S.WAITLISTED, met_a_free_place=course.seats_left > 0)


def _under_lock(course: Course, queue: Queue) -> Course:
    if course.seats_kept or queue == Queue.ALONE:
        return lock_course(course)
    share_course(course.pk)
    now = Course.objects.get(pk=course.pk)
    if now.seats_kept:
        raise _QueueFirst(Queue.ALONE)
    return now


def refuse_helper(course: Course, by: Actor) -> None:
    """Raise NamedAsHelper if the acting person is named as a lecturer or member of staff."""
    if part := named_as(course.pk, by.user.pk):
        raise NamedAsHelper(kind=Participation(part).label)


def require_audience(course: Course, person: int, at: datetime) -> None:
    """Raise OutsideAudience if a person may not enrol in a course."""
    if found := obstacle_of(course, person, at):
        raise OUTSIDE[found]


def _state_on_enrolling(
    facts: EnrolmentFacts, moment: datetime, queue: Queue = Queue.WHEN_NEEDED
) -> tuple[EnrolmentState, bool]:
    """Return the initial state of an enrolment, and whether a place is free although the person has to wait."""
    course = facts.course
    if course.admission == Admission.AUTOMATIC and queue == Queue.WHEN_NEEDED:
        for_anybody = not facts.is_awaited or (course.seats_left > 0 and is_open_to_all(course, moment))
        is_tried = bool(for_anybody and course.seats_left)
        if is_tried and seats.claim_unasked(course.pk):
            return S.ADMITTED, False
        if not course.waiting_list and not (facts.is_awaited and course.seats_left):
            _refuse_full(course)
        if is_tried:
            # PostgreSQL keeps the row locked that the claim waited for, although it found no free place in it.
            raise _QueueFirst(Queue.TOGETHER)
    if queue == Queue.ALONE:
        lock_course(course)
    # Hold the shared lock until this row is written: until then the course cannot be withdrawn, and a place that is given back
    # cannot skip the person who is joining the waiting list.
    now = share_course(course.pk)
    if now.state != CourseState.REGISTERED:
        raise EnrolmentClosed
    if now.is_restricted:
        raise AudienceChanged
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


def _create(facts: EnrolmentFacts, by: Actor, outcome: Outcome, moment: datetime) -> Enrolment:
    row = Enrolment(
        course=facts.course,
        user=by.user,
        unit_id=facts.unit_id,
        state=outcome.state,
        quota=outcome.quota,
        enrolled_at=moment,
    )
    try:
        insert(row)
    except IntegrityError:
        # The same person was faster in another window; leaving the transaction gives the place back.
        raise AlreadyEnrolled from None
    return row


def _reopen(known: int, outcome: Outcome, moment: datetime) -> Enrolment:
    changed = Enrolment.objects.filter(pk=known, state=S.CANCELLED).update(
        state=outcome.state, quota=outcome.quota, enrolled_at=moment, decided_at=None, walk_in=False
    )
    if not changed:
        raise AlreadyEnrolled
    return Enrolment.objects.select_related("course", "user").get(pk=known)


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
        if row.quota_id:
            quota_seats.release_over(course, at)
        quota_seats.free(course.pk, [row])
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

    Raise NotWaiting, OutsideAudience (the person has moved, or the audience was changed), NothingOffered (the list moves up by itself,
    or the organiser decides), PlaceTaken (another person was faster).
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row is None or row.state != S.WAITLISTED:
        raise NotWaiting
    require_audience(course, by.user.pk, moment)
    if course.seats_kept:
        quota_seats.release_over(course, moment)
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
