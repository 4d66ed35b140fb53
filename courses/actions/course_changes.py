"""What follows when a registered course changes: refuse a move into the past, notify its people, move their cancel deadline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.acting import Actor
from courses.actions.confirmations import PUBLISH
from courses.enums import EnrolmentState, HoursBy, Mode, Payer
from courses.errors import DatesFixed, MovedIntoThePast
from courses.models import Course, CourseHelper, Enrolment
from courses.queries.changes import MEETING_LINK, SESSION, Change, Facts, are_moved, new_times
from courses.queries.helpers import helpers_of
from courses.queries.windows import cancel_window, placed_at
from kit import clock
from kit.templatetags.ui import rocdt
from notices import outbox

LABELS: Mapping[str, Any] = {"mode": Mode, "payer": Payer, "hours_by": HoursBy}


def refuse_fixed_dates(course: Course, before: Facts, after: Facts, at: datetime) -> None:
    """Refuse other sessions or hours of a course that is over: moving them would move its deadline. Raise DatesFixed.

    A slip may be put right on the Taipei day on which the sessions were set.
    """
    if not course.has_ended(at) or clock.day_of(_set_at(course)) == clock.today(at):
        return
    is_moved = new_times(before, after) or new_times(after, before)
    if is_moved or (before.hours, before.hours_by) != (after.hours, after.hours_by):
        raise DatesFixed


def _set_at(course: Course) -> datetime:
    return max(filter(None, (course.moved_at, course.registered_at)), default=course.created_at)


def refuse_the_past(course: Course, before: Facts, after: Facts, at: datetime) -> None:
    """Refuse to move a session to a time that is over, once people are enrolled. Raise MovedIntoThePast.

    A session that is running may still end earlier or later.
    """
    begun = {s.starts_at for s in before.sessions}
    past = [
        s
        for s in new_times(before, after)
        if s.starts_at < at and (s.starts_at not in begun or s.ends_at <= at)
    ]
    if past and course.enrolments.live().exists():
        raise MovedIntoThePast(when=rocdt(past[0].starts_at))


def note_move(course: Course, before: Facts, after: Facts, at: datetime) -> None:
    """Remember when people were moved to another time or room, or the sessions were set anew."""
    if are_moved(before, after, at) or new_times(before, after):
        course.moved_at = at
        course.save(update_fields=["moved_at"])


def notify_changes(course: Course, found: Sequence[Change], by: Actor, at: datetime) -> None:
    """Notify everybody enrolled, under review or waiting: what changed, old and new values, and their cancel deadline. Lecturers and staff as
    well, without one.
    """
    told = [_labelled(change) for change in found]
    rows = course.enrolments.live().counting_once().select_related("user") if told else []
    most = _most_sessions(course, found) if told else 0
    helpers = helpers_of(course) if told else []
    notices = [_notice(course, row, mine, by, at, most) for row in rows if (mine := _for(row, told))]
    outbox.write([*notices, *(_helper_notice(course, helper, told, by, most) for helper in helpers)])


def _most_sessions(course: Course, found: Sequence[Change]) -> int:
    """Return how many sessions calendars hold: those before the change or those after it, whichever are more."""
    sessions = [change for change in found if change.what == SESSION]
    dropped = sum(change.new is None for change in sessions) - sum(change.old is None for change in sessions)
    return course.sessions.count() + max(dropped, 0)


def _labelled(change: Change) -> Change:
    """Return the change with labels for its codes. A new meeting link is only announced; its address stays on the page."""
    if change.what == MEETING_LINK:
        return Change(change.what, None, None)
    if change.what in LABELS:
        words = LABELS[change.what]
        return Change(change.what, words(change.old).label, words(change.new).label)
    return change


def _for(row: Enrolment, told: Sequence[Change]) -> tuple[Change, ...]:
    """What concerns a person: the meeting link only those who are admitted."""
    is_admitted = row.state == EnrolmentState.ADMITTED
    return tuple(change for change in told if is_admitted or change.what != MEETING_LINK)


def _notice(
    course: Course, row: Enrolment, told: tuple[Change, ...], by: Actor, at: datetime, most: int
) -> outbox.NewNotice:
    window = cancel_window(course, placed_at(row)) if row.state == EnrolmentState.ADMITTED else None
    return outbox.NewNotice(
        kind="course_changed",
        to=row.user,
        about=f"course:{course.pk}",
        event=f"v{course.version}",
        refs=[f"{PUBLISH}:{most}"] if row.state == EnrolmentState.ADMITTED else [],
        path=reverse("courses:public", args=[course.code]),
        context={
            "course": course.title,
            "code": course.code,
            "changes": told,
            "window": window,
            "may_cancel": window is not None and window.is_open(at),
        },
        sent_by=by.person_label,
    )


def _helper_notice(
    course: Course, helper: CourseHelper, told: Sequence[Change], by: Actor, most: int
) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind="course_changed",
        to=helper.user,
        about=f"course:{course.pk}",
        event=f"v{course.version}",
        refs=[f"{PUBLISH}:{most}"],
        path=reverse("courses:public", args=[course.code]),
        context={
            "course": course.title,
            "code": course.code,
            "changes": tuple(told),
            "part": helper.participation,
        },
        sent_by=by.person_label,
    )
