"""The files of a course, who may take which, and how long they are kept."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Sum

from courses.cached_tables import PARTS
from courses.enums import CourseFileKind, CourseState, EnrolmentState, MaterialsFrom
from courses.models import Course, CourseFile
from courses.queries.helpers import named_as
from courses.queries.meetings import first_start
from kit import clock, table_versions

# Who has a place or was there; who cancelled, was declined or stayed away is no participant.
PARTICIPANTS = (EnrolmentState.ADMITTED, EnrolmentState.ATTENDED, EnrolmentState.EXCUSED)


@dataclass(frozen=True)
class ShownFiles:
    """The files that a course's page shows a person. `later`: materials that are not open yet."""

    poster: CourseFile | None = None
    plan: CourseFile | None = None
    materials: tuple[CourseFile, ...] = ()
    later: tuple[CourseFile, ...] = ()


def shown_files(course: Course, *, takes_part: bool, at: datetime | None = None) -> ShownFiles:
    """Return the files of a public course, in one query or none. Reads the sessions of a course with materials for a person who takes part."""
    present = CourseFile.objects.present().filter(course=course).select_related("file").order_by("kind", "pk")
    rows = table_versions.cached(PARTS, f"files:{course.pk}", lambda: list(present))
    materials = [row for row in rows if takes_part and row.kind == CourseFileKind.MATERIAL]
    is_open = {row.pk: is_open_now(row, course, at) for row in materials}
    return ShownFiles(
        next((row for row in rows if row.kind == CourseFileKind.POSTER), None),
        next((row for row in rows if row.kind == CourseFileKind.PLAN), None),
        tuple(row for row in materials if is_open[row.pk]),
        tuple(row for row in materials if not is_open[row.pk]),
    )


def is_open_now(row: CourseFile, course: Course, at: datetime | None = None) -> bool:
    """Return whether participants may take a material at a moment; a course that is postponed has not begun."""
    if row.open_from == MaterialsFrom.ADMITTED:
        return True
    if row.open_from == MaterialsFrom.END:
        return course.has_ended(at)
    start = first_start(course.sessions.all())
    return start is not None and start <= (at or clock.now())


def takes_part(course: Course, person_id: int) -> bool:
    """Return whether a person is a participant, or named as a lecturer or member of staff."""
    mine = course.enrolments.of_person(person_id).filter(state__in=PARTICIPANTS)
    return mine.exists() or bool(named_as(course.pk, person_id))


def is_shown_to_participants(row: CourseFile, person_id: int) -> bool:
    course = row.course
    is_held = course.state in (CourseState.REGISTERED, CourseState.CLOSED)
    return is_held and is_open_now(row, course) and takes_part(course, person_id)


def bytes_of(course: Course) -> int:
    """Return how much room the files of a course take."""
    return CourseFile.objects.present().filter(course=course).aggregate(all=Sum("file__size"))["all"] or 0


def keep_until(course: Course, kind: str, now: datetime) -> datetime:
    """Return until when a file is kept: it counts from the last day of the course, or from today while it has none or is over."""
    days = settings.COURSE_FILES_YEARS * 366
    if kind == CourseFileKind.MATERIAL:
        days = settings.COURSE_MATERIALS_DAYS
    last = max(course.ends_on or clock.day_of(now), clock.day_of(now))
    return clock.at_taipei(last + timedelta(days=days), time(0))
