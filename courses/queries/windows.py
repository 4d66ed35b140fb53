"""The cancel deadline of a person, and when a free place goes to the waiting list; used by page, action, API and notices.

The rules (domain.md §3): cancelling is free until the end of the policy's day. A person who got the place, or was moved to
another time or room, after that day may cancel until the first remaining session begins. After the policy's day the waiting
list no longer moves up by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from courses.enums import LIVE, Admission, CourseState, EnrolmentState
from courses.models import Course, Enrolment, YearlyPolicy
from courses.queries.meetings import first_start
from kit import clock

# From here on before the first session a free place goes to anybody.
OPEN_TO_ALL = timedelta(hours=2)


@dataclass(frozen=True)
class Window:
    """The time in which a person may cancel without an absence: before `until`.

    `last_day` is the day at whose end it closes; None when it closes as a session begins, or was never open (`until` is None).
    """

    until: datetime | None
    last_day: date | None = None

    def is_open(self, at: datetime | None = None) -> bool:
        return self.until is not None and (at or clock.now()) < self.until


def last_day_to_cancel(course: Course) -> date | None:
    """Return the Taipei day until whose end cancelling is free, by the policy of the course's own year; None without dates."""
    if course.starts_on is None:
        return None
    policy = YearlyPolicy.objects.in_force(course.year or clock.this_year())
    return course.starts_on - timedelta(days=policy.cancel_days_for(course))


class CancelWindows:
    """The windows of the people in one course; its policy is read once. Reads `course.sessions.all()`: prefetch it for lists."""

    def __init__(self, course: Course) -> None:
        self.course, self.last_day = course, last_day_to_cancel(course)

    @cached_property
    def free(self) -> Window:
        """Return the window of a person who had the place in time. It closes when the course begins, should the policy's day end later."""
        begins = first_start(self.course.sessions.all())
        if self.last_day is None or begins is None:
            return Window(None)
        end = clock.end_of_day(self.last_day)
        return Window(end, self.last_day) if end <= begins else Window(begins)

    def of(self, placed_at: datetime) -> Window:
        """Return the window of a person who got the place at a moment."""
        known_since = max(placed_at, self.course.moved_at or placed_at)
        if self.last_day is None or clock.day_of(known_since) <= self.last_day:
            return self.free
        return Window(first_start(self.course.sessions.all(), after=known_since))


def free_window(course: Course) -> Window:
    """Return the window of a person who had the place in time."""
    return CancelWindows(course).free


def cancel_window(course: Course, placed_at: datetime) -> Window:
    """Return the window of a person who got the place at a moment."""
    return CancelWindows(course).of(placed_at)


def placed_at(row: Enrolment) -> datetime:
    """Return when an admitted person got the place: by a decision, or when enrolling."""
    return row.decided_at or row.enrolled_at


def may_cancel(course: Course, row: Enrolment, at: datetime | None = None) -> bool:
    """Whether a person may still cancel: the admitted in their window, the others until the course is over."""
    if row.state not in LIVE or course.state != CourseState.REGISTERED or course.has_ended(at):
        return False
    # 延期: until new days are chosen everybody may cancel.
    if course.postponed_at is not None:
        return True
    return row.state != EnrolmentState.ADMITTED or cancel_window(course, placed_at(row)).is_open(at)


def moves_up_unasked(course: Course, at: datetime | None = None) -> bool:
    """Whether the waiting list moves up by itself: no review, and cancelling is still free for everybody."""
    return course.admission == Admission.AUTOMATIC and free_window(course).is_open(at)


def is_open_to_all(course: Course, at: datetime | None = None) -> bool:
    """Whether a free place goes to anybody: from two hours before the first session."""
    moment = at or clock.now()
    # The course's day is known without its sessions: a list needs this for each course.
    if course.starts_on is None or moment < clock.at_taipei(course.starts_on) - OPEN_TO_ALL:
        return False
    begins = first_start(course.sessions.all())
    return begins is not None and moment >= begins - OPEN_TO_ALL


def is_reserved_for_waiting(course: Course, waiting: int, at: datetime | None = None) -> bool:
    """Whether the free places of a course belong to the people who wait for them, so that newcomers join the list."""
    is_free = course.admission == Admission.AUTOMATIC and course.seats_left > 0
    return is_free and waiting > 0 and not is_open_to_all(course, at)


def is_offered_to(course: Course, row: Enrolment, at: datetime | None = None) -> bool:
    """Whether a person who waits may take a free place now: it was offered when they waited already, or it goes to anybody.

    Once the last session has begun no place is offered.
    """
    if row.state != EnrolmentState.WAITLISTED or course.admission == Admission.REVIEW:
        return False
    if course.state != CourseState.REGISTERED or course.has_ended(at) or not course.seats_left:
        return False
    if course.postponed_at is not None:
        return False
    if moves_up_unasked(course, at) or first_start(course.sessions.all(), after=at or clock.now()) is None:
        return False
    was_asked = course.offered_at is not None and row.enrolled_at <= course.offered_at
    return was_asked or is_open_to_all(course, at)
