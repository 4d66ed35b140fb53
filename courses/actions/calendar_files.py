"""The `.ics` file of a notice: an admitted person's sessions, updated and cancelled by the same UIDs (RFC 5545, RFC 5546)."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from courses.actions.confirmations import CANCEL, CANCELLED, ENROLLED, PUBLISH
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment, Session
from courses.queries import coming_courses as coming
from courses.queries.helpers import of_courses
from kit import clock
from notices import attachments
from notices.attachments import File
from notices.models import Notice

if TYPE_CHECKING:
    from icalendar import Event

KINDS = (
    ENROLLED,
    CANCELLED,
    "admitted",
    "nominated",
    "declined",
    "course_changed",
    "course_withdrawn",
    "absence_decided",
    "course_postponed",
    "helper_named",
)


@attachments.attaches(KINDS)
def calendar_files(notices: Sequence[Notice]) -> Mapping[int, File]:
    """Return the calendar of each notice that has one, in a constant number of queries.

    Sessions are published only to people who are admitted now, or named as lecturers or staff.
    """
    wanted = {notice: ref for notice in notices if (ref := _calendar_ref(notice))}
    rows = _enrolments(wanted)
    helped = _helped([notice for notice in wanted if _key(notice) not in rows])
    found = {}
    for notice, ref in wanted.items():
        row, is_on = rows.get(_key(notice)), ref.startswith(PUBLISH)
        course, is_coming = (row.course, _is_coming(row)) if row else helped.get(notice.pk, (None, False))
        if course is None or (is_on and not is_coming):
            continue
        most = int(ref.removeprefix(PUBLISH).removeprefix(CANCEL).lstrip(":") or 0)
        text = calendar(course, sequence=notice.pk, is_on=is_on, most=most)
        method = "PUBLISH" if is_on else "CANCEL"
        found[notice.pk] = File(f"{course.code}.ics", text, f"text/calendar; method={method}")
    return found


def _key(notice: Notice) -> tuple[str, int | None]:
    return notice.object_ref, notice.recipient_id


def _helped(notices: Sequence[Notice]) -> dict[int, tuple[Course, bool]]:
    """Return the course of each notice to a lecturer or member of staff, and whether the reader is still named; no query without notices."""
    pks = {notice.object_number for notice in notices if notice.object_ref.startswith("course:")}
    courses = coming.courses_by_id(pks) if pks else {}
    named = {(row.course_id, row.user_id) for row in of_courses(courses.values())} if pks else set()
    return {
        notice.pk: (course, (course.pk, notice.recipient_id) in named)
        for notice in notices
        if (course := courses.get(notice.object_number)) and notice.object_ref.startswith("course:")
    }


def _calendar_ref(notice: Notice) -> str:
    return next((ref for ref in notice.refs if ref.startswith((PUBLISH, CANCEL))), "")


def _is_coming(row: Enrolment) -> bool:
    return row.state == EnrolmentState.ADMITTED and row.course.state == CourseState.REGISTERED


def _enrolments(notices: Mapping[Notice, str]) -> dict[tuple[str, int | None], Enrolment]:
    """Return the enrolment that each notice is about, by what it names (the enrolment or the course) and its reader."""
    refs = [notice.object_ref.split(":")[:2] for notice in notices]
    rows = Enrolment.objects.filter(
        Q(pk__in=[int(number) for name, number in refs if name == "enrolment"])
        | Q(
            course__in=[int(number) for name, number in refs if name == "course"],
            user__in=[notice.recipient_id for notice in notices],
        )
    )
    found: dict[tuple[str, int | None], Enrolment] = {}
    for row in rows.select_related("course__unit").prefetch_related("course__sessions"):
        found[f"enrolment:{row.pk}", row.user_id] = found[f"course:{row.course_id}", row.user_id] = row
    return found


def calendar(course: Course, *, sequence: int, is_on: bool = True, most: int = 0) -> bytes:
    """Return the sessions of a course as a calendar. `most`: so many sessions were published once; those that are gone are cancelled.

    `sequence` grows from notice to notice, so that mail programs take the latest.
    """
    # A worker needs it, a web process never: it costs a start 50 ms.
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//in-service training//courses//")
    made.add("version", "2.0")
    made.add("method", "PUBLISH" if is_on else "CANCEL")
    rows = sorted(course.sessions.all(), key=lambda row: (row.starts_at, row.pk))
    for number in range(1, max(len(rows), most) + 1):
        row = rows[min(number, len(rows)) - 1] if rows else None
        if row is not None:
            made.add_component(
                _event(
                    course, row, number, sequence, is_on and number <= len(rows) and row.suspension_id is None
                )
            )
    return bytes(made.to_ical())


def uid(course: Course, what: str) -> str:
    """Return the identity of a session (its number within the course) or of another date of a course, in every calendar."""
    return f"course-{course.pk}-{what}@{urlsplit(settings.SITE_URL).hostname}"


def _event(course: Course, row: Session, number: int, sequence: int, is_on: bool) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", uid(course, str(number)))
    event.add("dtstamp", clock.now().astimezone(UTC))
    event.add("sequence", sequence)
    event.add("status", "CONFIRMED" if is_on else "CANCELLED")
    event.add("dtstart", row.starts_at.astimezone(UTC))
    event.add("dtend", row.ends_at.astimezone(UTC))
    event.add("summary", course.title)
    event.add("description", f"{course.code} {course.unit.name}")
    event.add("location", row.place or course.place or course.meeting_link)
    event.add("url", settings.SITE_URL + reverse("courses:public", args=[course.code]))
    return event
