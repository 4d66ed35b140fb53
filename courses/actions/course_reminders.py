"""The clock's notices to teachers about a course ahead: arrange leave, the day before, an application that is still open."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from courses.actions.confirmations import facts_of, leave_facts
from courses.enums import CourseState, EnrolmentState, LeaveKind
from courses.models import Course, Enrolment
from courses.queries import coming_courses as coming
from courses.queries.windows import CancelWindows, placed_at
from kit import clock, request_memo
from kit.holidays import DAY
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

LEAVE, UPCOMING, UNDECIDED = "leave_due", "course_tomorrow", "decision_open"
# Who needs no leave is not reminded of it.
WITHOUT_LEAVE = (LeaveKind.OUT_OF_HOURS, LeaveKind.NO_LEAVE)


def leave_batch(day: date, cursor: int) -> Batch:
    """Return notices three working days (policy) before a course: arrange leave and lessons at the own school."""
    return _batch(LEAVE, _leave_courses(day), EnrolmentState.ADMITTED, day, cursor)


def upcoming_batch(day: date, cursor: int) -> Batch:
    """Return notices on the day before a course meets."""
    return _batch(UPCOMING, coming.meeting_on(day + DAY), EnrolmentState.ADMITTED, day, cursor)


def undecided_batch(day: date, cursor: int) -> Batch:
    """Return notices of applications that are still open three days (policy) before a course."""
    return _batch(UNDECIDED, coming.decision_due(day), EnrolmentState.APPLIED, day, cursor)


def _leave_courses(day: date) -> QuerySet[Course]:
    return coming.leave_due(day).exclude(leave_kind__in=WITHOUT_LEAVE)


def _batch(kind: str, courses: QuerySet[Course], state: str, day: date, cursor: int) -> Batch:
    chosen, after = coming.some_after(courses, cursor)
    with request_memo.remembering():
        wordings = _Wordings(kind)
        notices = [wordings.notice(row, day) for row in coming.people_of(chosen, state)]
    return Batch(notices, after)


class _Wordings:
    """The notices of a batch: what people of a course read alike is worked out once for each course."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._known: dict[tuple[int, date | None], tuple[str, dict[str, Any], CancelWindows]] = {}

    def notice(self, row: Enrolment, day: date) -> outbox.NewNotice:
        """Return the notice of an enrolment; its event is the day that the course begins or meets."""
        course = row.course
        event = day + DAY if self.kind == UPCOMING else course.starts_on
        key = (course.pk, event)
        path, facts, windows = self._known.get(key) or self._known.setdefault(
            key, self._of_course(course, event)
        )
        is_admitted = row.state == EnrolmentState.ADMITTED
        return outbox.NewNotice(
            kind=self.kind,
            to=row.user,
            about=f"enrolment:{row.pk}",
            event=event,
            refs=[f"day:{event}"],
            path=path,
            context={**facts, "window": windows.of(placed_at(row)) if is_admitted else None},
        )

    def _of_course(self, course: Course, event: date | None) -> tuple[str, dict[str, Any], CancelWindows]:
        facts: dict[str, Any] = {"course": course.title, "code": course.code, "starts_on": event}
        facts |= day_facts(course, event) if self.kind == UPCOMING and event else facts_of(course)
        if self.kind != UNDECIDED:
            facts |= leave_facts(course)
        route = "courses:proof" if self.kind == LEAVE else "courses:public"
        return reverse(route, args=[course.code]), facts, CancelWindows(course)


def day_facts(course: Course, day: date) -> dict[str, Any]:
    """Return the facts that a notice on the day before names of a day of a course: its sessions then, the contact, the link and what to bring."""
    facts = facts_of(course)
    meetings = tuple(m for m in facts["meetings"] if clock.day_of(m.starts_at) == day)
    said = {"course": course.title, "code": course.code, "starts_on": day, "meetings": meetings}
    return {**facts, **said, "bring": course.bring, "link": course.meeting_link}


@outdated.recheck(LEAVE)
def leave_is_due(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A reminder of leave is sent while the person has a place in the course on that day."""
    return _still(
        notices, LEAVE, EnrolmentState.ADMITTED, lambda row: row.course.leave_kind not in WITHOUT_LEAVE
    )


@outdated.recheck(UPCOMING)
def meets_tomorrow(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """The day-before notice is sent while the person has a place and the course meets on that day, with hour and place as they are now."""
    return _still(notices, UPCOMING, EnrolmentState.ADMITTED, lambda row: True)


@outdated.recheck(UNDECIDED)
def is_undecided(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A notice of an open application is sent while it is open."""
    return _still(notices, UNDECIDED, EnrolmentState.APPLIED, lambda row: True)


def _still(
    notices: Sequence[Notice], kind: str, state: str, holds: Callable[[Enrolment], bool]
) -> dict[int, tuple[str, str] | None]:
    """Return the text of each notice as it is now; None where the enrolment, the course or its day is another."""
    ids = {notice.pk: notice.object_number for notice in notices}
    rows, texts, wordings = coming.enrolments_by_id(ids.values()), outbox.Texts(), _Wordings(kind)
    found: dict[int, tuple[str, str] | None] = {}
    with request_memo.remembering():
        for notice in notices:
            row, day = rows.get(ids[notice.pk]), date.fromisoformat(notice.refs[0].partition(":")[2])
            found[notice.pk] = None
            if row is None or row.state != state or not _is_due(row.course, day, kind):
                continue
            if coming.is_expected(row) and holds(row):
                found[notice.pk] = texts.of(wordings.notice(row, day - DAY))
    return found


def _is_due(course: Course, day: date, kind: str) -> bool:
    """Return whether the course begins, or meets, on a day that is not over."""
    if kind == UPCOMING:
        return is_held(course, day)
    if course.state != CourseState.REGISTERED or course.has_ended():
        return False
    return course.postponed_at is None and course.starts_on == day > clock.today()


def is_held(course: Course, day: date) -> bool:
    """Return whether a registered course has a session ahead on a day that is not postponed."""
    if course.state != CourseState.REGISTERED or course.has_ended():
        return False
    starts = [session.starts_at for session in course.sessions.all() if session.suspension_id is None]
    return any(clock.day_of(start) == day and start > clock.now() for start in starts)
