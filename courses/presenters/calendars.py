"""Calendars to subscribe to, as iCalendar (RFC 5545): texts in the active language, the UIDs of the calendars that mails bring.

The same courses give the same bytes, so that a program that has them gets "304 Not modified".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.actions.calendar_files import uid
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, CourseHelper, Enrolment, YearlyPolicy
from courses.models.policy import policy_of
from kit import clock

if TYPE_CHECKING:
    from icalendar import Event

DAY = timedelta(days=1)
READ_EACH = timedelta(hours=6)
CERTAIN = (EnrolmentState.ADMITTED, EnrolmentState.ATTENDED)


@dataclass(frozen=True)
class Entry:
    """One date of a calendar: a session, or a day (`starts` and `ends` are dates, the last one not included)."""

    uid: str
    starts: datetime | date
    ends: datetime | date
    summary: str
    course: Course
    place: str = ""
    is_certain: bool = True


def of_person(rows: Iterable[Enrolment], helping: Iterable[CourseHelper] = ()) -> Iterator[Entry]:
    """Return the sessions of the person's courses; what is not certain yet says so, and where the person lectures or helps."""
    for row in rows:
        is_certain = row.state in CERTAIN
        title = row.course.title
        if not is_certain:
            title = f"{title} ({EnrolmentState(row.state).label})"
        elif row.is_helper:
            title = f"{title} ({row.get_participation_display()})"
        yield from sessions(row.course, title, is_certain=is_certain)
    for named in helping:
        yield from sessions(named.course, f"{named.course.title} ({named.get_participation_display()})")


def of_unit(courses: Iterable[Course]) -> Iterator[Entry]:
    """Return the sessions of the unit's courses, the last days to enrol, and the closing deadlines of those that are not closed."""
    policies = YearlyPolicy.objects.current()
    for course in courses:
        yield from sessions(course, course.title)
        if course.state != CourseState.REGISTERED or course.ends_on is None:
            continue
        due_on = policy_of(policies, course.year or clock.this_year()).due_on(course.ends_on)
        yield _day(course, "due", due_on, _("Issue hours and close: %(title)s") % {"title": course.title})
        if course.enrol_until:
            words = _("Last day to enrol: %(title)s") % {"title": course.title}
            yield _day(course, "enrol", course.enrol_until, words)


def of_catalogue(courses: Iterable[Course]) -> Iterator[Entry]:
    """Return the sessions of the found courses."""
    for course in courses:
        yield from sessions(course, course.title)


def sessions(course: Course, summary: str, *, is_certain: bool = True) -> Iterator[Entry]:
    """Return the sessions of a course that are not postponed. Reads `course.sessions.all()`: prefetch it for lists."""
    rows = sorted(course.sessions.all(), key=lambda row: (row.starts_at, row.pk))
    for number, row in enumerate(rows, start=1):
        if row.suspension_id is None:
            place = row.place or course.place
            yield Entry(
                uid(course, str(number)), row.starts_at, row.ends_at, summary, course, place, is_certain
            )


def _day(course: Course, what: str, day: date, summary: str) -> Entry:
    return Entry(uid(course, what), day, day + DAY, summary, course)


def calendar(name: str, about: str, entries: Iterable[Entry]) -> bytes:
    """Return the calendar. Only a process that is asked for one loads the library."""
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//in-service training//courses//")
    made.add("version", "2.0")
    for key in ("name", "x-wr-calname"):
        made.add(key, name)
    for key in ("description", "x-wr-caldesc"):
        made.add(key, about)
    made.add("refresh-interval", READ_EACH, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for entry in entries:
        made.add_component(_event(entry))
    return bytes(made.to_ical())


def _event(entry: Entry) -> "Event":
    from icalendar import Event

    course, event = entry.course, Event()
    event.add("uid", entry.uid)
    # When the entry was made; the sequence shows changes.
    event.add("dtstamp", (course.registered_at or course.created_at).astimezone(UTC))
    event.add("sequence", course.version)
    event.add("status", "CONFIRMED" if entry.is_certain else "TENTATIVE")
    event.add("dtstart", _moment(entry.starts))
    event.add("dtend", _moment(entry.ends))
    event.add("summary", entry.summary)
    event.add("description", f"{course.code} {course.unit.name}")
    if entry.place:
        event.add("location", entry.place)
    if not isinstance(entry.starts, datetime):
        event.add("transp", "TRANSPARENT")
    event.add("url", settings.SITE_URL + reverse("courses:public", args=[course.code]))
    return event


def _moment(value: datetime | date) -> datetime | date:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
