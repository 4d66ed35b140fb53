"""核發時數 → 結案: attendance, ledger, state, record, notices and the unit's light, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from audit import log
from audit.models import AuditEvent
from courses.actions import absence_states, attendance_outcomes, campaign_notices, helpers, lights, transfers
from courses.actions.states import lock_managed
from courses.change_signals import course_announced
from courses.enums import CourseState, EnrolmentState, PublicChange
from courses.errors.postponements import CoursePostponed
from courses.models import Course, Enrolment
from courses.rules import require_unit_hat
from hours.actions import missed_signs, walk_ins
from hours.actions.sheets import check_marks, check_walk_ins
from hours.enums import CreditKind
from hours.errors import AlreadyClosed, KeyReused, NotOverYet
from hours.models import Closing, ClosingDraft, HourCredit, Sheet
from hours.models.sheet import ZERO
from hours.queries.attendance import attendance_of
from hours.queries.deviations import ACT, deviations, recorded_facts
from kit import clock
from kit.sentence_parts import day_words
from notices import outbox

S = EnrolmentState


def close_course(*, course: Course, by: Actor, sheet: Sheet, at: datetime | None = None) -> Closing:
    """Issue the hours and close the course. Repeating the request returns the same closing and issues nothing.

    Look up typed walk-ins first, in a transaction of their own: a look-up stays in the record even if the closing is refused.
    The closing itself is one transaction and deletes the drafts. Raise NeedsBusinessAccount, NotYourUnit, NotTheHandler;
    AlreadyClosed (by another request), KeyReused (another content), NotOverYet, WrongState (withdrawn); UnknownEnrolments,
    ListChanged (an enrolment was admitted or cancelled since the page was loaded), BadHours, TooManyWalkIns; UnknownPerson,
    TooManyLookUps; AlreadyListed, WalkInTwice, OneParticipation, UnknownParticipation.
    """
    moment = at or clock.now()
    digest = sheet.digest
    if sheet.typed_people and not Closing.objects.filter(course=course).exists():
        ready = partial(_checked, sheet=sheet, moment=moment)
        people = walk_ins.look_up(course=course, by=by, typed=sheet.typed_people, ready=ready, at=moment)
        sheet = sheet.with_people(person.pk for person in people)
    return _close(course, by, sheet, digest, moment)


@transaction.atomic
def _close(course: Course, by: Actor, sheet: Sheet, digest: str, moment: datetime) -> Closing:
    course, by = lock_managed(course, by)
    account = require_unit_hat(by)
    if course.state == CourseState.CLOSED:
        return _the_same(course, sheet.request_key, digest)
    admitted = _checked(course, sheet=sheet, moment=moment)
    people, parts = check_walk_ins(admitted, sheet), {pk: one.part for pk, one in sheet.by_person.items()}
    walked = attendance_outcomes.add_walk_ins(course, people, moment, parts)
    attendance_outcomes.settle_doubles(course, by, moment)
    rows, hours = [*admitted, *walked], _hours(admitted, walked, sheet)
    states = {row.pk: sheet.marks[row.pk].state for row in admitted} | {row.pk: S.ATTENDED for row in walked}
    attendance_outcomes.set_outcomes(rows, states)
    absence_states.settle(states, by, moment)
    attendance_outcomes.finish(course, by, moment)
    facts = {"request_key": sheet.request_key, "content": digest, "account": account, "closed_by": by.user}
    closing = _write_closing(course, rows, hours, moment, **facts)
    _issue(course, rows, hours, by, moment)
    transfers.end_pending(course=course, by=by, at=moment)
    lights.follow(unit_ids=[course.unit_id], years=[course.year], at=moment, cause="closing")
    campaign_notices.settle(course=course, by=by, at=moment)
    concerned = [row.user_id for row in rows]
    whose: dict[str, Any] = {"by": by, "unit_id": course.unit_id}
    closed = log.event("course.close", course, after=_totals(closing), subjects=concerned, **whose)
    log.record_many([closed, *_compared(course, rows, hours, **whose)])
    course_announced.send(Course, courses=[course], what=PublicChange.CLOSED)
    _notify(course, closing, rows, hours, by)
    missed_signs.settle(course, by, moment)
    ClosingDraft.objects.filter(course=course).delete()
    helpers.forget(course)
    return closing


def _checked(course: Course, *, sheet: Sheet, moment: datetime) -> list[Enrolment]:
    """Return the admitted people of a locked course that may be closed now with this sheet."""
    if course.postponed_at is not None:
        raise CoursePostponed
    if not course.has_ended(moment):
        raise NotOverYet(when=_when(course.ends_at))
    return check_marks(course, sheet)


def refuse_closed(course: Course) -> None:
    """Raise AlreadyClosed, with time and person of the closing."""
    closing = Closing.objects.select_related("closed_by").filter(course=course).first()
    if closing:
        raise AlreadyClosed(when=_when(closing.closed_at), who=closing.closed_by.name)


def _the_same(course: Course, key: str, digest: str) -> Closing:
    closing = Closing.objects.get(course=course)
    if closing.request_key != key:
        refuse_closed(course)
    if closing.content and closing.content != digest:
        raise KeyReused
    return closing


def _when(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    local = moment.astimezone(clock.TAIPEI)
    return f"{day_words(local.date())} {local:%H:%M}"


def _hours(admitted: Iterable[Enrolment], walked: Iterable[Enrolment], sheet: Sheet) -> dict[int, Decimal]:
    """Return the checked hours of each who attended."""
    marks = ((row, sheet.marks[row.pk]) for row in admitted)
    walk_ins = {walk_in.who: walk_in.hours for walk_in in sheet.walk_ins}
    hours = {row.pk: mark.hours or ZERO for row, mark in marks if mark.state == S.ATTENDED}
    return hours | {row.pk: walk_ins[row.user_id] or ZERO for row in walked}


def _write_closing(
    course: Course, rows: Sequence[Enrolment], hours: Mapping[int, Decimal], moment: datetime, **facts: Any
) -> Closing:
    states = [row.state for row in rows if not row.is_helper]
    helping = [row for row in rows if row.is_helper]
    helper_hours = sum((hours[row.pk] for row in helping), ZERO)
    return Closing.objects.create(
        course=course,
        closed_at=moment,
        attended=states.count(S.ATTENDED),
        absent=states.count(S.ABSENT),
        excused=states.count(S.EXCUSED),
        walk_ins=sum(row.walk_in and not row.is_helper for row in rows),
        hours_total=sum(hours.values(), ZERO) - helper_hours,
        helpers=len(helping),
        helper_hours=helper_hours,
        **facts,
    )


def _issue(
    course: Course, rows: Sequence[Enrolment], hours: Mapping[int, Decimal], by: Actor, moment: datetime
) -> None:
    HourCredit.objects.bulk_create(
        [
            HourCredit(
                enrolment=row,
                course=course,
                user_id=row.user_id,
                kind=CreditKind.ISSUED,
                participation=row.participation,
                hours=hours[row.pk],
                issued_by=by.user,
                issued_at=moment,
            )
            for row in rows
            if row.pk in hours
        ],
        batch_size=500,
    )


def _compared(
    course: Course, rows: Sequence[Enrolment], hours: Mapping[int, Decimal], **whose: Any
) -> list[AuditEvent]:
    """Return the event that keeps where the hours of participants differ from their signs; none for a course in which nobody signed."""
    signed = attendance_of(course)
    if not signed.is_recorded:
        return []
    issued = {row.pk: (row.user_id, hours.get(row.pk, ZERO)) for row in rows if not row.is_helper}
    differing = deviations(signed, issued)
    people = [issued[pk][0] for pk in differing]
    return [log.event(ACT, course, after=recorded_facts(signed, differing), subjects=people, **whose)]


def _totals(closing: Closing) -> dict[str, object]:
    names = ("attended", "absent", "excused", "walk_ins", "hours_total", "helpers", "helper_hours")
    return {name: getattr(closing, name) for name in names}


def _notify(
    course: Course, closing: Closing, rows: Sequence[Enrolment], hours: Mapping[int, Decimal], by: Actor
) -> None:
    path, asked = reverse("hours:me"), ""
    if course.questionnaire:
        asked = f"{settings.SITE_URL}{reverse('hours:questionnaire', args=[course.code])}"
    outbox.write(
        outbox.NewNotice(
            kind="hours_issued" if row.pk in hours else f"closed_{row.state}",
            to=row.user,
            about=f"course:{course.pk}",
            event=closing.pk,
            path=path,
            context={
                "course": course.title,
                "code": course.code,
                "hours": hours.get(row.pk),
                "part": row.participation,
                "unit": course.unit.name,
                "questionnaire": asked if row.pk in hours and not row.is_helper else "",
            },
            sent_by=by.person_label,
        )
        for row in rows
    )
