"""Scarce places: claimed and freed by conditional updates, with a CHECK behind them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F
from django.urls import reverse

from accounts.acting import Actor
from audit import log
from audit.models import AuditEvent
from courses.actions import quota_seats
from courses.actions.confirmations import CANCEL, PUBLISH, facts_of, leave_facts
from courses.actions.enrolment_record import record_change
from courses.enums import Admission, CourseState, EnrolmentState, OpenTo
from courses.models import Course, Enrolment
from courses.queries.audiences import who_may_move_up
from courses.queries.meetings import first_start
from courses.queries.offers import offers_to_waiting
from courses.queries.quotas import allot
from courses.queries.windows import cancel_window, moves_up_unasked
from kit import clock
from notices import outbox, outdated
from notices.models import Notice

# The notices of a place that another person decided about.
ADMISSIONS = ("admitted", "nominated")
# What the number of free places follows from, and who may take them.
COUNTED = ("capacity", "seats_taken", "seats_kept", "open_to", "only_stages", "only_titles")
# Everybody who enrols in a popular course sends it, so it is plain SQL (docs/adr/0016). It looks at the mode of admission and at the
# audience itself: the organiser may have changed them after the course was read.
CLAIM_UNASKED = """
UPDATE courses_course
SET seats_taken = seats_taken + 1
WHERE id = %s AND state = %s AND admission = %s AND seats_taken < capacity - seats_kept
    AND open_to = %s AND NOT only_stages AND NOT only_titles
"""


def claim(course_id: int, count: int = 1) -> bool:
    """Take open places of a registered course and lock its row; return False when that many are not free."""
    return quota_seats.claim_places(course_id, count)


def claim_unasked(course_id: int) -> bool:
    """Take an open place of a course that admits everybody at once; return False when none is free, some may not enrol or the organiser
    decides. Locks the course's row.

    Does what `claim_unasked_by_queryset` does, at an eighth of the cost.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_UNASKED, [course_id, CourseState.REGISTERED, Admission.AUTOMATIC, OpenTo.ALL])
        return bool(cursor.rowcount)


def claim_unasked_by_queryset(course_id: int) -> bool:
    """The change that `CLAIM_UNASKED` mirrors; a test compares them."""
    everybody = {"open_to": OpenTo.ALL, "only_stages": False, "only_titles": False}
    free = quota_seats.with_places(course_id, 1).filter(admission=Admission.AUTOMATIC, **everybody)
    return bool(free.update(seats_taken=F("seats_taken") + 1))


def fill(
    course: Course, at: datetime, *, is_freed: bool = False, newcomer: Enrolment | None = None
) -> list[Enrolment]:
    """遞補: give free places to the waiting list in order; return the enrolments that moved up. The caller has locked the
    course.

    While cancelling is free for everybody the list moves up by itself. Afterwards a place is offered to everybody waiting
    (`is_freed`: a place has just become free); a `newcomer` gets it at once only if nobody else waits. Under review the
    organiser decides.
    """
    course.refresh_from_db(fields=[*COUNTED, "state", "postponed_at"])
    if course.postponed_at is not None:
        return []
    if course.seats_kept:
        quota_seats.release_over(course, at)
    has_places = course.seats_left or course.seats_kept
    if course.admission == Admission.REVIEW or not has_places or course.has_ended(at):
        return []
    if moves_up_unasked(course, at):
        # For a kept place the first of all is not always the one to move up.
        most = None if course.seats_kept else course.seats_left
        return _move_up(course, who_may_move_up(course, at, most), at)
    first = next(iter(who_may_move_up(course, at, 1)), None)
    if first and newcomer and first.pk == newcomer.pk:
        return _move_up(course, [first], at)
    # A place in a course whose last session has begun is of no use to anybody who waits elsewhere.
    is_useful = first_start(course.sessions.all(), after=at) is not None
    if (
        first
        and is_useful
        and (is_freed or course.offered_at is None or first.enrolled_at > course.offered_at)
    ):
        _offer(course, who_may_move_up(course, at), at)
    return []


def _move_up(course: Course, waiting: Sequence[Enrolment], at: datetime) -> list[Enrolment]:
    """Admit those who wait and for whom there is a place, in their order."""
    people = {row.person_id: row for row in waiting}
    found = allot(course, list(people), at)
    rows = [people[person] for person in found.people]
    if not rows or not quota_seats.claim(course.pk, found):
        return []
    rows.sort(key=lambda row: (row.enrolled_at, row.pk))
    decisions = record_change(
        "enrolment.admitted", course, rows, by=None, after={"state": EnrolmentState.ADMITTED}
    )
    Enrolment.objects.filter(pk__in=[r.pk for r in rows]).update(state=EnrolmentState.ADMITTED, decided_at=at)
    quota_seats.note(found, people)
    notify_decision(course, rows, "admitted", decisions)
    return rows


def _offer(course: Course, rows: list[Enrolment], at: datetime) -> None:
    """Notify everybody waiting of a free place: the first to accept gets it (`courses.actions.enrolments.accept`)."""
    course.offered_at = at
    course.save(update_fields=["offered_at"])
    event = log.record(
        "course.offer_place",
        course,
        by=None,
        unit_id=course.unit_id,
        after={"places": course.seats_left, "told": len(rows)},
    )
    notify_decision(course, rows, "place_free", [event] * len(rows))


@outdated.recheck("place_free")
def still_free(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A free place that was taken, or accepted by its reader, while the mail waited is not offered any more, nor to one who may not enrol."""
    rows = {notice.pk: notice.object_number for notice in notices}
    found = (
        Enrolment.objects.select_related("course", "user")
        .prefetch_related("course__sessions")
        .in_bulk(rows.values())
    )
    offered = offers_to_waiting(found.values()).may_take
    return {notice: None for notice, row in rows.items() if row not in offered}


def queue_applicants(course: Course, by: Actor) -> None:
    """Applicants under review join the waiting list, in the order in which they applied: the organiser decides no longer.

    The caller has locked the course and calls `fill` afterwards.
    """
    rows = list(course.enrolments.filter(state=EnrolmentState.APPLIED))
    record_change("enrolment.waitlisted", course, rows, by=by, after={"state": EnrolmentState.WAITLISTED})
    Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(state=EnrolmentState.WAITLISTED)


def notify_decision(
    course: Course,
    rows: Sequence[Enrolment],
    kind: str,
    decisions: Sequence[AuditEvent],
    sent_by: str = "",
    note: str = "",
) -> None:
    """Notify teachers of a decision on their enrolment (`emails/<kind>`) and record each decision.

    The notice of an admission names the sessions, the contact, the leave and the person's cancel deadline. The
    rows have the state before the decision: a lost place is taken out of the calendar.
    """
    facts = {**facts_of(course), "window": cancel_window(course, clock.now())}
    is_admission = kind in ADMISSIONS
    if is_admission:
        facts |= leave_facts(course)
    outbox.write(
        outbox.NewNotice(
            kind=kind,
            to=row.user,
            about=f"enrolment:{row.pk}",
            event=decision.pk,
            path=reverse("courses:public", args=[course.code]),
            refs=[PUBLISH] if is_admission else [CANCEL] if row.state == EnrolmentState.ADMITTED else [],
            context={
                "course": course.title,
                "code": course.code,
                "starts_on": course.starts_on,
                "note": note,
                **facts,
            },
            sent_by=sent_by,
        )
        for row, decision in zip(rows, decisions, strict=True)
    )
