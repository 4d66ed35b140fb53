"""延期: courses that a suspension postpones, a few at a time, and what becomes of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.locks import lock_actor
from audit import log
from courses.actions import lights
from courses.actions.confirmations import PUBLISH
from courses.actions.suspensions import require_own
from courses.change_signals import announce_changed
from courses.enums import EnrolmentState, PostponementOutcome
from courses.errors.postponements import DaySuspended
from courses.locks import lock_courses, lock_suspension
from courses.models import Course, Enrolment, Postponement, Session, Suspension
from courses.models.double_enrolments import each_person_once
from courses.queries import in_charge, suspensions
from courses.queries.helpers import of_courses
from kit import clock
from kit.templatetags.ui import rocdt
from notices import outbox

AT_ONCE = 20
Outcome = PostponementOutcome


@transaction.atomic
def postpone_some(*, by: Actor, suspension: Suspension, at: datetime | None = None) -> int | None:
    """Postpone some of the courses that a suspension reaches and has not postponed yet; notify their people and those in charge.

    Return how many; None when none is left, or it was taken back. Raise OnlyOversight, NotYourSuspension.
    """
    by, moment = lock_actor(by), at or clock.now()
    ids = list(suspensions.reached(suspension).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    courses = lock_courses(ids)
    suspension = lock_suspension(suspension)
    require_own(by, suspension)
    if not ids or suspension.ended_at:
        return None
    # Under the lock: what was withdrawn or moved meanwhile is left out.
    still = set(suspensions.reached(suspension).filter(pk__in=ids).values_list("pk", flat=True))
    chosen = [courses[pk] for pk in ids if pk in still]
    hit = Session.objects.filter(suspensions.hit_q(suspension, suspension.made_at), course__in=still)
    hit.update(suspension=suspension)
    Course.objects.filter(pk__in=still, postponed_at=None).update(postponed_at=moment)
    Postponement.objects.bulk_create(
        [Postponement(suspension=suspension, course=course, postponed_at=moment) for course in chosen]
    )
    _follow_up(chosen, suspension, by, moment, is_held=False)
    return len(ids)


@transaction.atomic
def restore_some(*, by: Actor, suspension: Suspension, at: datetime | None = None) -> int | None:
    """Let some of the courses that wait for new days be held as planned, after the suspension was taken back.

    Return how many; None when none is left. Raise OnlyOversight, NotYourSuspension.
    """
    by, moment = lock_actor(by), at or clock.now()
    rows = suspensions.waiting(suspension).order_by("course_id")
    ids = list(rows.values_list("course_id", flat=True)[:AT_ONCE])
    courses = lock_courses(ids)
    suspension = lock_suspension(suspension)
    require_own(by, suspension)
    if not ids or suspension.ended_at is None:
        return None
    # Under the lock: what was given new days or withdrawn meanwhile is left out.
    still = set(suspensions.waiting(suspension).filter(course__in=ids).values_list("course_id", flat=True))
    freed = Session.objects.filter(course__in=still, suspension=suspension)
    sessions = list(freed.values_list("pk", "course_id"))
    freed.update(suspension=None)
    suspensions.waiting(suspension).filter(course__in=still).update(
        outcome=Outcome.TAKEN_BACK, settled_at=moment
    )
    chosen = [courses[pk] for pk in ids if pk in still]
    suspended = {pk for course in chosen for pk in _suspend_by_others(course, moment)}
    held = {course_id for pk, course_id in sessions if pk not in suspended}
    for course in chosen:
        _free_if_settled(course)
    _follow_up([course for course in chosen if course.pk in held], suspension, by, moment, is_held=True)
    return len(ids)


def _suspend_by_others(course: Course, at: datetime) -> set[int]:
    """Let other suspensions in force postpone what one that was taken back has freed; return the sessions that they hit.

    A session has one suspension at a time: of two that overlap, the later has marked none of what the earlier had.
    """
    found: set[int] = set()
    for other in suspensions.suspended(course, course.sessions.filter(suspension=None)):
        hit = course.sessions.filter(suspensions.hit_q(other, other.made_at))
        sessions = list(hit.values_list("pk", flat=True))
        if not sessions:
            continue
        course.sessions.filter(pk__in=sessions).update(suspension=other)
        Postponement.objects.update_or_create(
            suspension=other,
            course=course,
            defaults={"postponed_at": at, "outcome": "", "settled_at": None},
        )
        found |= set(sessions)
    return found


def _free_if_settled(course: Course) -> None:
    """A course that no suspension postpones any more is not postponed."""
    if not course.postponements.filter(settled_at=None).exists():
        course.postponed_at = None
        course.save(update_fields=["postponed_at"])


def _follow_up(
    courses: Sequence[Course], suspension: Suspension, by: Actor, moment: datetime, *, is_held: bool
) -> None:
    """Count the lights anew, record the act on each course and notify those whom it concerns."""
    units, years = {c.unit_id for c in courses}, {c.year for c in courses}
    if courses:
        lights.follow(unit_ids=sorted(units), years=sorted(y for y in years if y), at=moment, cause="edit")
    live = Enrolment.objects.live().filter(course__in=courses).select_related("user")
    people = list(live.order_by("pk"))
    _record("course.restore" if is_held else "course.postpone", courses, people, suspension, by)
    _notify(courses, people, suspension, by, is_held=is_held)


def refuse_suspended(course: Course, sessions: Iterable[suspensions.Timed]) -> None:
    """Raise DaySuspended for a session that is set at a time at which work and classes are suspended."""
    if found := suspensions.suspended(course, sessions):
        raise DaySuspended(name=found[0].name, when=rocdt(found[0].starts_at))


def settle_changed(course: Course, at: datetime) -> None:
    """After the sessions of a course were written anew: mark those that are still suspended; without any the course is no longer postponed."""
    if course.postponed_at is None:
        return
    for row in course.postponements.filter(settled_at=None).select_related("suspension"):
        # A session that was moved is the same row.
        course.sessions.filter(suspension=row.suspension).update(suspension=None)
        hit = suspensions.hit_q(row.suspension, row.suspension.made_at)
        if not course.sessions.filter(hit).update(suspension=row.suspension):
            row.outcome, row.settled_at = Outcome.MOVED, at
            row.save(update_fields=["outcome", "settled_at"])
    _free_if_settled(course)


def settle_not_held(course: Course, at: datetime) -> None:
    """因故未開班: a postponed course is withdrawn."""
    course.postponements.filter(settled_at=None).update(outcome=Outcome.NOT_HELD, settled_at=at)


def _record(
    act: str, courses: Sequence[Course], people: Sequence[Enrolment], suspension: Suspension, by: Actor
) -> None:
    for course in courses:
        after = {"name": suspension.name, "day": suspension.day}
        subjects = [row.user_id for row in people if row.course_id == course.pk]
        log.record(act, course, by=by, unit_id=course.unit_id, after=after, subjects=subjects)
    announce_changed(courses)


def _notify(
    courses: Sequence[Course],
    people: Sequence[Enrolment],
    suspension: Suspension,
    by: Actor,
    *,
    is_held: bool,
) -> None:
    """Notify everybody enrolled, under review or waiting, and those in charge of the courses."""
    by_pk = {course.pk: course for course in courses}
    charge = in_charge.of_courses(courses)
    event = f"{suspension.pk}:{'held' if is_held else 'postponed'}"
    context: dict[str, Any] = {"name": suspension.name, "is_held": is_held}
    outbox.write(
        outbox.NewNotice(
            kind="course_postponed",
            to=row.user,
            about=f"course:{row.course_id}",
            event=event,
            refs=[PUBLISH] if row.state == EnrolmentState.ADMITTED else [],
            path=reverse("courses:public", args=[by_pk[row.course_id].code]),
            context=context | _facts(by_pk[row.course_id], suspension),
            sent_by=by.person_label,
        )
        for row in each_person_once(people)
    )
    _notify_helpers(by_pk, event, context, suspension, by)
    outbox.write(
        outbox.NewNotice(
            kind="course_to_move",
            to=person,
            about=f"course:{course.pk}",
            event=event,
            path=reverse("courses:detail", args=[course.code]),
            context=context | _facts(course, suspension),
            sent_by=by.person_label,
        )
        for course in courses
        for person in charge[course.pk].people
    )


def _notify_helpers(
    courses: Mapping[int, Course], event: str, context: dict[str, Any], suspension: Suspension, by: Actor
) -> None:
    """Notify the lecturers and staff who are named for the courses."""
    outbox.write(
        outbox.NewNotice(
            kind="course_postponed",
            to=row.user,
            about=f"course:{row.course_id}",
            event=event,
            refs=[PUBLISH],
            path=reverse("courses:public", args=[courses[row.course_id].code]),
            context=context | {"part": row.participation} | _facts(courses[row.course_id], suspension),
            sent_by=by.person_label,
        )
        for row in of_courses(courses.values())
    )


def _facts(course: Course, suspension: Suspension) -> dict[str, object]:
    return {
        "course": course.title,
        "code": course.code,
        "day": suspension.day,
        "from_time": suspension.from_time,
        "until_time": suspension.until_time,
        "unit": course.unit.name,
    }
