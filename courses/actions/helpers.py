"""Name the lecturers and staff of a course before it is closed, and take them off again (docs/adr/0042)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import guests
from accounts.actions.guests import GuestFacts
from accounts.models import User
from accounts.queries.persons import persons_of
from audit import log
from audit.models import AuditEvent
from courses.actions.confirmations import CANCEL, PUBLISH
from courses.actions.participants import listable
from courses.actions.states import lock_managed, require_registered
from courses.enums import HELPERS
from courses.errors.participants import HelperEnrolled, HelperGone, NotAHelper
from courses.models import Course, CourseHelper
from courses.queries.contacts import shown_contacts
from courses.queries.helpers import helpers_of
from courses.queries.meetings import meetings_ahead
from kit import clock
from notices import outbox


@transaction.atomic
def name(
    *,
    course: Course,
    by: Actor,
    people: Collection[int],
    part: str,
    guest: GuestFacts | None = None,
    at: datetime | None = None,
) -> list[CourseHelper]:
    """Name people, and a guest of the unit, as lecturers or as staff, and notify each; return those who were not named as such before.

    All or none; who was named as the other kind changes. Raise NotTheHandler and its like, WrongState (not registered), NotAHelper,
    NobodyChosen, HelperEnrolled, and the refusals of `accounts.actions.guests.enter`.
    """
    if guest:
        people = [*people, guests.enter(unit=course.unit, facts=guest, by=by).pk]
    course, by = lock_managed(course, by)
    require_registered(course)
    if part not in HELPERS:
        raise NotAHelper
    wanted = listable(course, people)
    if enrolled := course.enrolments.live().of_people(wanted).select_related("user").first():
        raise HelperEnrolled(name=enrolled.user.name)
    known = {row.person_id: row for row in helpers_of(course)}
    changed = [pk for pk in sorted(wanted) if pk not in known or known[pk].participation != part]
    if not changed:
        return []
    named_at = at or clock.now()
    rows = [_written(course, wanted[pk], known.get(pk), part, named_at) for pk in changed]
    event = _record("helper.named", course, rows, by)
    _notify(course, rows, by, event, is_named=True)
    return rows


def _written(
    course: Course, person: User, known: CourseHelper | None, part: str, at: datetime
) -> CourseHelper:
    if known is None:
        return CourseHelper.objects.create(course=course, user=person, participation=part, named_at=at)
    known.participation = part
    # Also the row of a merged record, which would keep the other kind.
    course.helpers.filter(user__in=persons_of(person.pk)).update(participation=part)
    return known


@transaction.atomic
def take_off(*, course: Course, by: Actor, person: int) -> None:
    """Take a person off the list of lecturers and staff, and notify the person. Raise NotTheHandler and its like, WrongState, HelperGone."""
    course, by = lock_managed(course, by)
    require_registered(course)
    rows = [row for row in course.helpers.select_related("user") if row.person_id == person]
    if not rows:
        raise HelperGone
    event = _record("helper.taken_off", course, rows[:1], by)
    _notify(course, rows[:1], by, event, is_named=False)
    course.helpers.filter(pk__in=[row.pk for row in rows]).delete()


def forget(course: Course) -> None:
    """Empty the list of a locked course that was closed: from now on its enrolments say who lectured and helped."""
    course.helpers.all().delete()


def dismiss(course: Course) -> list[CourseHelper]:
    """Empty the list of a locked course that was withdrawn; return who was on it."""
    if rows := helpers_of(course):
        forget(course)
    return rows


def _record(act: str, course: Course, rows: Sequence[CourseHelper], by: Actor) -> AuditEvent:
    people = [row.user_id for row in rows]
    after = {"people": len(people), "participation": rows[0].participation}
    return log.record(act, course, by=by, unit_id=course.unit_id, subjects=people, after=after)


def _notify(
    course: Course, rows: Iterable[CourseHelper], by: Actor, event: AuditEvent, *, is_named: bool
) -> None:
    facts: dict[str, Any] = {"course": course.title, "code": course.code, "is_named": is_named}
    if is_named:
        facts["meetings"] = tuple(meetings_ahead(course, clock.now()))
        facts["contact"] = shown_contacts(course)[0]
    outbox.write(
        outbox.NewNotice(
            kind="helper_named",
            to=row.user,
            about=f"course:{course.pk}",
            event=event.pk,
            refs=[PUBLISH if is_named else CANCEL],
            path=reverse("courses:public", args=[course.code]),
            context={**facts, "part": row.participation},
            sent_by=by.person_label,
        )
        for row in rows
    )
