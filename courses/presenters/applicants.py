"""The applicants of a course as its page lists them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from courses.queries.audiences import outside_of
from courses.queries.lights import TeacherLight, teacher_lights
from kit import clock


@dataclass(frozen=True)
class Applicant:
    """An enrolment with the absence light of its person. `is_ticked`: the box was ticked when a decision was refused."""

    enrolment: Enrolment
    light: TeacherLight
    is_ticked: bool
    # Applied or waiting, but not among those who may enrol: only the organiser can admit the person.
    is_outside: bool


def applicants(course: Course, rows: Sequence[Enrolment], ticked: Collection[int] = ()) -> list[Applicant]:
    """Return the rows in their order; the lights of all take two queries."""
    lights = teacher_lights([row.person_id for row in rows], clock.this_year())
    undecided = [row for row in rows if row.state in (EnrolmentState.APPLIED, EnrolmentState.WAITLISTED)]
    outside = outside_of(course, {row.person_id for row in undecided})
    return [
        Applicant(row, lights[row.person_id], row.pk in ticked, row in undecided and row.person_id in outside)
        for row in rows
    ]
