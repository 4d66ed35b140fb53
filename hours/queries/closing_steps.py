"""When which reminder of a course is due: the steps from the end of a course to long after its closing deadline, as Taipei days.

What comes before a deadline moves to the working day before; everything else to the next working day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from courses.models import Course, YearlyPolicy
from kit.holidays import DAY, workday_from, workday_until

# A reminder that could not be written on its day is still written within so many days.
CATCH_UP = timedelta(days=7)

ENDED, FIRST, LAST, AFTER, LATE, DECIDE = "ended", "first", "last", "after", "late", "decide"
# What those in charge get, and what the unit's leads get of courses that others are in charge of.
FOR_HANDLERS, FOR_LEADS = (ENDED, FIRST, LAST, AFTER, LATE), (AFTER, LATE)


@dataclass(frozen=True)
class DueStep:
    """One reminder of a course: what it is, the day on which it is sent, and the deadline that it names."""

    course: Course
    step: str
    day: date
    deadline: date

    @property
    def ref(self) -> str:
        """Return the event: a course that ends on another day, or has another deadline, has other events."""
        return f"course:{self.course.pk}:{self.step}:{self.deadline.isoformat()}"


def closing_step(course: Course, policy: YearlyPolicy, day: date, wanted: tuple[str, ...]) -> DueStep | None:
    """Return the step of an unclosed course that is over which a day has reached, if its reminder is still of the day."""
    reached = [step for step in _ladder(course, policy) if step.step in wanted and step.day <= day]
    return reached[-1] if reached and reached[-1].day > day - CATCH_UP else None


def decision_step(course: Course, policy: YearlyPolicy, day: date) -> DueStep | None:
    """Return the reminder of decisions that are open before a course, from its day until the course begins."""
    if course.starts_on is None or day >= course.starts_on:
        return None
    due = workday_until(course.starts_on - policy.decision_days * DAY)
    return DueStep(course, DECIDE, due, course.starts_on) if due <= day else None


def _ladder(course: Course, policy: YearlyPolicy) -> Iterator[DueStep]:
    """Yield the steps of a course in their order, without those before a deadline that would come while it is still held."""
    ended = course.ends_on
    if ended is None:
        return
    deadline = policy.due_on(ended)
    yield DueStep(course, ENDED, workday_from(ended + DAY), deadline)
    for name, days in ((FIRST, policy.first_warning_days), (LAST, policy.last_warning_days)):
        due = workday_until(deadline - days * DAY)
        if due > ended:
            yield DueStep(course, name, due, deadline)
    yield DueStep(course, AFTER, workday_from(deadline + DAY), deadline)
    yield DueStep(course, LATE, workday_from(deadline + policy.escalation_days * DAY), deadline)
