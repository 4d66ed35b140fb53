"""未能出席: an admitted person states that they cannot come; those in charge of the course decide."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.unit_pages import unit_page
from audit import log
from courses.actions import enrolments
from courses.actions.confirmations import CANCEL
from courses.actions.states import lock_managed, require_registered
from courses.enums import NO_PLACE, AbsenceKind, CourseState, EnrolmentState, PlannedAbsenceState
from courses.errors import CourseOver, NotEnrolled
from courses.errors.postponements import (
    AbsenceDecided,
    AbsenceStated,
    NoAbsenceStated,
    NoPlaceYet,
    NoSuchAbsenceKind,
)
from courses.locks import lock_course, lock_enrolment_of
from courses.models import Course, Enrolment, PlannedAbsence
from courses.queries import in_charge
from courses.queries.meetings import first_start
from courses.queries.windows import may_cancel
from kit import clock
from notices import outbox, outdated
from notices.models import Notice

S = PlannedAbsenceState
STATED, DECIDED = "absence_planned", "absence_decided"


@transaction.atomic
def state(*, course: Course, by: Actor, kind: str, at: datetime | None = None) -> PlannedAbsence | None:
    """State to the organiser that the acting person cannot come. The place stays held until the organiser decides.

    While cancelling is free it is simply a cancellation, and None is returned. Raise NoSuchAbsenceKind, NotEnrolled (also cancelled or
    declined), CourseOver, NoPlaceYet (applied or waiting), AbsenceStated.
    """
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    if kind not in AbsenceKind.values:
        raise NoSuchAbsenceKind
    if row is None or row.state in NO_PLACE:
        raise NotEnrolled
    if course.state != CourseState.REGISTERED or course.has_ended(moment):
        raise CourseOver
    if row.state != EnrolmentState.ADMITTED:
        raise NoPlaceYet
    if may_cancel(course, row, moment):
        enrolments.give_up(course, row, by=by, at=moment)
        return None
    if row.planned_absences.filter(state=S.OPEN).exists():
        raise AbsenceStated
    planned = PlannedAbsence.objects.create(enrolment=row, kind=kind, stated_at=moment)
    log.record("absence.state", planned, by=by, unit_id=course.unit_id, after={"kind": kind})
    _notify_in_charge(course, planned, by, moment)
    return planned


@transaction.atomic
def take_back(*, course: Course, by: Actor, at: datetime | None = None) -> PlannedAbsence:
    """Take back what the organiser has not decided: the person comes after all. Raise NoAbsenceStated."""
    moment = at or clock.now()
    course = lock_course(course)
    row = lock_enrolment_of(course, by.user.pk)
    planned = row.planned_absences.filter(state=S.OPEN).first() if row else None
    if planned is None:
        raise NoAbsenceStated
    planned.state, planned.decided_at = S.TAKEN_BACK, moment
    planned.save(update_fields=["state", "decided_at"])
    log.record("absence.take_back", planned, by=by, unit_id=course.unit_id, before={"kind": planned.kind})
    _notify_in_charge(course, planned, by, moment)
    return planned


@transaction.atomic
def decide(
    *, planned: PlannedAbsence, by: Actor, is_accepted: bool, at: datetime | None = None
) -> PlannedAbsence:
    """Accept or refuse, as the handler or the unit lead, and notify the person.

    Accepted before the first session, the place is given up without an absence and passed on as a cancelled one is. Later the
    place stays, and the person is excused when the course is closed. Raise NotTheHandler and its like, WrongState (the course
    is closed), AbsenceDecided.
    """
    moment = at or clock.now()
    course, by = lock_managed(planned.enrolment.course, by)
    require_registered(course)
    row = lock_enrolment_of(course, planned.enrolment.user_id)
    planned.refresh_from_db(fields=["state"])
    if row is None or planned.state != S.OPEN:
        raise AbsenceDecided(state=planned.get_state_display())
    planned.state = S.ACCEPTED if is_accepted else S.REFUSED
    planned.decided_at, planned.decided_by = moment, by.user
    planned.save(update_fields=["state", "decided_at", "decided_by"])
    begins = first_start(course.sessions.all())
    is_freed = is_accepted and begins is not None and moment < begins
    act = "absence.accept" if is_accepted else "absence.refuse"
    after = {"kind": planned.kind, "place": "freed" if is_freed else "held"}
    log.record(act, planned, by=by, unit_id=course.unit_id, after=after)
    _notify_person(course, planned, row, by, is_freed)
    if is_freed:
        enrolments.pass_on(course, row, moment)
    return planned


def _notify_in_charge(course: Course, planned: PlannedAbsence, by: Actor, at: datetime) -> None:
    outbox.write(
        outbox.NewNotice(
            kind=STATED,
            to=person,
            about=f"absence:{planned.pk}",
            event=planned.state,
            refs=[f"state:{planned.state}"],
            path=unit_page("courses:absences", course.unit_id),
            context={
                "course": course.title,
                "code": course.code,
                "starts_on": course.starts_on,
                "teacher": by.user.name,
                "kind": planned.get_kind_display(),
                "taken_back": planned.state == S.TAKEN_BACK,
            },
            sent_by=by.person_label,
        )
        for person in in_charge.of_course(course, clock.today(at)).people
    )


@outdated.recheck(STATED)
def still_stated(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """What was decided or taken back while the mail waited is not sent any more."""
    ids = {notice.pk: notice.object_number for notice in notices}
    states = dict(PlannedAbsence.objects.filter(pk__in=ids.values()).values_list("pk", "state"))
    return {notice.pk: None for notice in notices if f"state:{states.get(ids[notice.pk])}" not in notice.refs}


def _notify_person(
    course: Course, planned: PlannedAbsence, row: Enrolment, by: Actor, is_freed: bool
) -> None:
    outbox.write(
        [
            outbox.NewNotice(
                kind=DECIDED,
                to=row.user,
                about=f"enrolment:{row.pk}",
                event=f"{planned.pk}:{planned.state}",
                refs=[CANCEL] if is_freed else [],
                path=reverse("courses:public", args=[course.code]),
                context={
                    "course": course.title,
                    "code": course.code,
                    "starts_on": course.starts_on,
                    "is_accepted": planned.state == S.ACCEPTED,
                    "is_freed": is_freed,
                },
                sent_by=by.person_label,
            )
        ]
    )
