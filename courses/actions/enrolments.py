"""報名: enrol, cancel, admit, decline. Capacity is never exceeded, whatever happens at once.

Every act locks the course's row first and the enrolment's second (docs/locking.md).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, CharField, F, FilteredRelation, Q, Subquery

from accounts.acting import Actor
from accounts.models import Affiliation
from audit import log
from courses.actions import places
from courses.actions.states import lock_managed
from courses.enums import LIVE, SEATED, Admission, CourseState, EnrolmentState
from courses.errors import (
    AlreadyEnrolled,
    CannotAdmit,
    CannotUndo,
    CourseFull,
    CourseOver,
    EnrolmentClosed,
    NotEnrolled,
    TooLateToCancel,
    WrongState,
)
from courses.locks import lock_course, lock_enrolment_of, lock_enrolments, share_course
from courses.models import Course, Enrolment
from courses.queries.windows import cancel_window, may_cancel, placed_at
from inservice import clock
from inservice.prepared import Param, Prepared

S = EnrolmentState
# What enrolling asks of course and person, in one statement: a popular course is asked a thousand times a minute, and its texts are long.
ASKED: Prepared[Course] = Prepared(
    lambda: (
        Course.objects.exclude(state=CourseState.DRAFT)
        .filter(code=Param("code", CharField()))
        .annotate(
            known=FilteredRelation(
                "enrolments", condition=Q(enrolments__user_id=Param("user", BigIntegerField()))
            ),
            known_pk=F("known__pk"),
            known_state=F("known__state"),
            serves=Subquery(
                Affiliation.objects.filter(user_id=Param("user", BigIntegerField()), until=None)
                .order_by("rank", "id")
                .values("unit_id")[:1]
            ),
        )
        .only(
            "code",
            "title",
            "unit_id",
            "state",
            "starts_on",
            "ends_at",
            "enrol_from",
            "enrol_until",
            "admission",
            "waiting_list",
            "capacity",
            "seats_taken",
        )
    )
)


@transaction.atomic
def enrol(*, code: str, by: Actor, at: datetime | None = None) -> Enrolment:
    """Enrol the acting person: admitted at once, under review, or on the waiting list when the course is full.

    Raises Course.DoesNotExist (no such course, or a draft), EnrolmentClosed, AlreadyEnrolled, CourseFull (no waiting list).
    """
    moment = at or clock.now()
    course: Any = ASKED.first(code=code, user=by.user.pk)
    if course is None:
        raise Course.DoesNotExist
    if not course.enrolment_is_open(moment):
        raise EnrolmentClosed
    if course.known_pk and course.known_state != S.CANCELLED:
        raise AlreadyEnrolled
    state = _state_on_enrolling(course)
    row = _reopen(course.known_pk, state, moment) if course.known_pk else _create(course, by, state, moment)
    log.record("enrolment.enrol", row, by=by, unit_id=course.unit_id, after={"state": state})
    return row


def _state_on_enrolling(course: Course) -> EnrolmentState:
    if course.admission == Admission.AUTOMATIC and course.seats_left and places.claim(course.pk):
        return S.ADMITTED
    if course.admission == Admission.AUTOMATIC and not course.waiting_list:
        # Refused without its row: a course that is full is asked by thousands at once.
        course.refresh_from_db(fields=["state"])
        raise (
            CourseFull(capacity=course.capacity)
            if course.state == CourseState.REGISTERED
            else EnrolmentClosed
        )
    # Shared until this row is written: meanwhile nobody withdraws the course, and no place that is given back passes by the person who
    # begins to wait. A place that was given back just before goes to those who waited here for it.
    now = share_course(course.pk)
    if now.state != CourseState.REGISTERED:
        raise EnrolmentClosed
    if now.admission == Admission.REVIEW:
        return S.APPLIED
    return S.ADMITTED if now.left > 0 and places.claim(course.pk) else S.WAITLISTED


def _create(course: Any, by: Actor, state: EnrolmentState, moment: datetime) -> Enrolment:
    try:
        return Enrolment.objects.create(
            course=course, user=by.user, unit_id=course.serves, state=state, enrolled_at=moment
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
def cancel(*, course: Course, by: Actor, at: datetime | None = None) -> Enrolment:
    """Cancel the acting person's own enrolment: frees the place and is no absence (letter).

    The admitted may cancel in the window of `courses.queries.windows`, the others until the course is over.
    Raises NotEnrolled, TooLateToCancel, CourseOver.
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if row is None or row.state not in LIVE:
        raise NotEnrolled
    if not may_cancel(course, row, moment):
        _refuse_to_cancel(course, row)
    before = row.state
    _leave(course, row, S.CANCELLED, moment)
    log.record(
        "enrolment.cancel",
        row,
        by=by,
        unit_id=course.unit_id,
        before={"state": before},
        after={"state": row.state},
    )
    return row


def _refuse_to_cancel(course: Course, row: Enrolment) -> NoReturn:
    """Raises TooLateToCancel, which names the end of the window; CourseOver for a person who never had a place."""
    if row.state != S.ADMITTED:
        raise CourseOver
    window = cancel_window(course, placed_at(row))
    raise TooLateToCancel(until=window.words) if window.until else CannotUndo


def _leave(course: Course, row: Enrolment, state: EnrolmentState, moment: datetime) -> None:
    """Somebody goes: a held place is freed and the waiting list moves up."""
    held = row.state in SEATED and not row.walk_in
    row.state, row.decided_at = state, moment
    row.save(update_fields=["state", "decided_at"])
    if held:
        places.free(course.pk)
        places.promote(course)


@transaction.atomic
def admit(*, course: Course, by: Actor, enrolment_ids: Collection[int]) -> list[Enrolment]:
    """Admit applicants (under review, waiting or declined), all or none. Raises CourseFull, CannotAdmit, NotTheHandler."""
    course, by, rows = _decidable(course, by, enrolment_ids, {S.APPLIED, S.WAITLISTED, S.DECLINED})
    if rows and not places.claim(course.pk, len(rows)):
        raise CourseFull(capacity=course.capacity)
    return _decide(course, rows, S.ADMITTED, by, "admitted")


@transaction.atomic
def decline(*, course: Course, by: Actor, enrolment_ids: Collection[int], note: str = "") -> list[Enrolment]:
    """Decline applicants, also admitted ones (their places are freed). Raises CannotAdmit, NotTheHandler."""
    course, by, rows = _decidable(course, by, enrolment_ids, set(LIVE))
    places.free(course.pk, sum(row.state == S.ADMITTED and not row.walk_in for row in rows))
    done = _decide(course, rows, S.DECLINED, by, "declined", note)
    places.promote(course)
    return done


def _decidable(
    course: Course, by: Actor, enrolment_ids: Collection[int], states: set[EnrolmentState]
) -> tuple[Course, Actor, list[Enrolment]]:
    course, by = lock_managed(course, by)
    if course.state != CourseState.REGISTERED:
        raise WrongState(state=course.get_state_display())
    rows = lock_enrolments(course, enrolment_ids)
    for row in rows:
        if row.state not in states:
            raise CannotAdmit(name=row.user.name, state=row.get_state_display())
    return course, by, rows


def _decide(
    course: Course, rows: list[Enrolment], state: EnrolmentState, by: Actor, kind: str, note: str = ""
) -> list[Enrolment]:
    events = [
        log.event(
            f"enrolment.{kind}",
            row,
            by=by,
            unit_id=course.unit_id,
            reason=note,
            before={"state": row.state},
            after={"state": state},
        )
        for row in rows
    ]
    Enrolment.objects.filter(pk__in=[r.pk for r in rows]).update(
        state=state, decided_at=clock.now(), note=note
    )
    decisions = log.record_many(events)
    places.tell(course, rows, kind, decisions, sent_by=by.person_label, note=note)
    return rows
