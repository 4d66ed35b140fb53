"""The applicants of a course as its page lists them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from courses.models import Enrolment
from courses.queries.lights import TeacherLight, teacher_lights
from kit import clock


@dataclass(frozen=True)
class Applicant:
    """An enrolment with the absence light of its person. `is_ticked`: the box was ticked when a decision was refused."""

    enrolment: Enrolment
    light: TeacherLight
    is_ticked: bool


def applicants(rows: Sequence[Enrolment], ticked: Collection[int] = ()) -> list[Applicant]:
    """Return the rows in their order; the lights of all take two queries."""
    lights = teacher_lights([row.user_id for row in rows], clock.this_year())
    return [Applicant(row, lights[row.user_id], row.pk in ticked) for row in rows]
