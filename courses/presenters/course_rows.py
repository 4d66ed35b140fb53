"""A unit's courses as its pages show them: each with its deadline and whether this person may act on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from accounts.acting import Actor
from courses.models import Course, YearlyPolicy
from courses.models.policy import policy_of
from courses.queries.in_charge import handler_has_left
from courses.rules import may_manage
from kit import clock


@dataclass(frozen=True)
class CourseRow:
    """`due_on` is the last day on time; `is_mine`: the person may manage the course."""

    course: Course
    due_on: date | None
    days_left: int | None
    is_mine: bool
    handler_left: bool
    is_over: bool

    @property
    def days_over(self) -> int:
        return -self.days_left if self.days_left is not None and self.days_left < 0 else 0


def course_rows(
    courses: Iterable[Course], actor: Actor, policies: Mapping[int, YearlyPolicy] | None = None
) -> list[CourseRow]:
    """Return the courses in their order, with the days left by the policy of each one's year."""
    found = YearlyPolicy.objects.current() if policies is None else policies
    return [_row(course, actor, found, clock.today()) for course in courses]


def _row(course: Course, actor: Actor, policies: Mapping[int, YearlyPolicy], today: date) -> CourseRow:
    policy = policy_of(policies, course.year or clock.this_year())
    due_on = policy.due_on(course.ends_on) if course.ends_on else None
    return CourseRow(
        course=course,
        due_on=due_on,
        days_left=(due_on - today).days if due_on else None,
        is_mine=may_manage(actor, course),
        handler_left=handler_has_left(course, today),
        is_over=course.has_ended(),
    )
