"""The organiser admits and declines applicants."""

from collections.abc import Collection

from django.db import transaction

from accounts.acting import Actor
from courses.actions import absence_states, participants, quota_seats, seats
from courses.actions.enrolment_record import record_change
from courses.actions.states import lock_managed, require_registered
from courses.enums import LIVE, EnrolmentState
from courses.errors import CannotAdmit, CourseFull, NotOnTheList, TooFewPlaces
from courses.locks import lock_enrolments
from courses.models import Course, Enrolment
from courses.queries.quotas import allot
from kit import clock
from kit.typed_texts import require_no_number

S = EnrolmentState


@transaction.atomic
def admit(*, course: Course, by: Actor, enrolment_ids: Collection[int]) -> list[Enrolment]:
    """Admit applicants (under review, waiting or declined), all or none. The organiser's decision goes beyond the audience.

    Raise CourseFull, TooFewPlaces, CannotAdmit, NotOnTheList, HelperAdded (named as a lecturer or member of staff), NotTheHandler.
    """
    course, by, rows = _decidable(course, by, enrolment_ids, {S.APPLIED, S.WAITLISTED, S.DECLINED})
    if course.seats_kept:
        quota_seats.release_over(course, clock.now())
    people = {row.person_id: row for row in rows}
    participants.refuse_helpers(course, people)
    found = allot(course, list(people), clock.now())
    if len(found.people) < len(rows) or (rows and not quota_seats.claim(course.pk, found)):
        if found.people:
            raise TooFewPlaces(left=len(found.people), chosen=len(rows))
        raise CourseFull(capacity=course.capacity)
    quota_seats.note(found, people)
    return _decide(course, rows, S.ADMITTED, by, "admitted")


@transaction.atomic
def decline(*, course: Course, by: Actor, enrolment_ids: Collection[int], note: str = "") -> list[Enrolment]:
    """Decline applicants, also admitted ones (their places are freed). Raise CannotAdmit, NotOnTheList, NotTheHandler."""
    course, by, rows = _decidable(course, by, enrolment_ids, set(LIVE))
    require_no_number(note, field="note")
    freed = [row for row in rows if row.state == S.ADMITTED and not row.walk_in]
    if any(row.quota_id for row in freed):
        quota_seats.release_over(course, clock.now())
    quota_seats.free(course.pk, freed)
    done = _decide(course, rows, S.DECLINED, by, "declined", note)
    absence_states.end([row.pk for row in rows], clock.now())
    seats.fill(course, clock.now(), is_freed=bool(freed))
    return done


def _decidable(
    course: Course, by: Actor, enrolment_ids: Collection[int], states: set[EnrolmentState]
) -> tuple[Course, Actor, list[Enrolment]]:
    course, by = lock_managed(course, by)
    require_registered(course)
    rows = lock_enrolments(course, enrolment_ids)
    if unknown := len(set(enrolment_ids)) - len(rows):
        raise NotOnTheList(number=unknown)
    for row in rows:
        if row.state not in states:
            raise CannotAdmit(name=row.user.name, state=row.get_state_display())
    return course, by, rows


def _decide(
    course: Course, rows: list[Enrolment], state: EnrolmentState, by: Actor, kind: str, note: str = ""
) -> list[Enrolment]:
    decisions = record_change(f"enrolment.{kind}", course, rows, by=by, after={"state": state}, reason=note)
    Enrolment.objects.filter(pk__in=[r.pk for r in rows]).update(
        state=state, cause="", decided_at=clock.now(), note=note
    )
    seats.notify_decision(course, rows, kind, decisions, sent_by=by.person_label, note=note)
    return rows
