"""Looking at the people of a course is recorded: each finds under "who saw my record" who looked, when and under which hat."""

from collections.abc import Iterable

from accounts.acting import Actor
from audit import log
from courses.models import Course


def people_seen(course: Course, *, by: Actor, people: Iterable[int]) -> None:
    """These people's rows of the course were shown to `by`; once a Taipei day for the same people, own rows not at all."""
    log.record_read("read.people", course, by=by, subjects=set(people), unit_id=course.unit_id)
