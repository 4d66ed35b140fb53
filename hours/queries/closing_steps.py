"""When which reminder of a course is due: the steps from the end of a course to long after its closing deadline, as Taipei days.

What comes before a deadline moves to the working day before; everything else to the next working day, by the days off of the unit's county.
A course that was postponed has a clock of its own until new days are chosen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from courses.models import Course, YearlyPolicy
from kit import clock
from kit.holidays import DAY, workday_from, workday_until

# A reminder that could not be written on its day is still written within so many days.
CATCH_UP = timedelta(days=7)

ENDED, FIRST, LAST, AFTER, LATE, DECIDE = "ended", "first", "last", "after", "late", "decide"
POSTPONED, POSTPONED_LONG = "postponed", "postponed_long"
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
    return _latest((step for step in _ladder(course, policy) if step.step in wanted), day)


def postponed_step(course: Course, policy: YearlyPolicy, day: date, *, for_lead: bool) -> DueStep | None:
    """Return the reminder of a postponed course without new days: first to those in charge, at last to the unit's leads as well."""
    steps = _postponed(course, policy)
    return _latest((step for step in steps if step.step == POSTPONED_LONG or not for_lead), day)


def _latest(steps: Iterable[DueStep], day: date) -> DueStep | None:
    reached = [step for step in steps if step.day <= day]
    return reached[-1] if reached and reached[-1].day > day - CATCH_UP else None


def _postponed(course: Course, policy: YearlyPolicy) -> Iterator[DueStep]:
    """Yield the steps of a postponed course. The policy's days of the first reminder and of escalation count from the postponement."""
    if course.postponed_at is None:
        return
    since, county = clock.day_of(course.postponed_at), course.unit.county_id
    for name, days in ((POSTPONED, policy.first_warning_days), (POSTPONED_LONG, policy.escalation_days)):
        yield DueStep(course, name, workday_from(since + days * DAY, county), since)


def decision_step(course: Course, policy: YearlyPolicy, day: date) -> DueStep | None:
    """Return the reminder of decisions that are open before a course, from its day until the course begins."""
    if course.starts_on is None or day >= course.starts_on:
        return None
    due = workday_until(course.starts_on - policy.decision_days * DAY, course.unit.county_id)
    return DueStep(course, DECIDE, due, course.starts_on) if due <= day else None


def _ladder(course: Course, policy: YearlyPolicy) -> Iterator[DueStep]:
    """Yield the steps of a course in their order, without those before a deadline that would come while it is still held."""
    ended = course.ends_on
    if ended is None:
        return
    deadline, county = policy.due_on(ended), course.unit.county_id
    yield DueStep(course, ENDED, workday_from(ended + DAY, county), deadline)
    for name, days in ((FIRST, policy.first_warning_days), (LAST, policy.last_warning_days)):
        due = workday_until(deadline - days * DAY, county)
        if due > ended:
            yield DueStep(course, name, due, deadline)
    yield DueStep(course, AFTER, workday_from(deadline + DAY, county), deadline)
    yield DueStep(course, LATE, workday_from(deadline + policy.escalation_days * DAY, county), deadline)
