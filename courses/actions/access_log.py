"""Looking at the people of a course is recorded: each finds under "who saw my record" who looked, when and under which hat."""

from collections.abc import Iterable
from datetime import datetime

from accounts.acting import Actor
from audit import log
from courses.models import Course
from kit import clock


def people_seen(course: Course, *, by: Actor, people: Iterable[int]) -> None:
    """These people's rows of the course were shown to `by`; once a Taipei day for the same people, own rows not at all."""
    log.record_read("read.people", course, by=by, subjects=set(people), unit_id=course.unit_id)


def sheets_made(course: Course, *, at: datetime | None = None) -> None:
    """Keep when the sign-in sheets of a course were first printed or taken as a file."""
    Course.objects.filter(pk=course.pk, sheets_made_at=None).update(sheets_made_at=at or clock.now())
