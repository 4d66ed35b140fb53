"""The places that quotas keep: until when, for whom, and which place each of some people gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from courses.enums import CourseState
from courses.models import Course, Quota
from courses.queries.audiences import places_of, quota_audiences
from courses.queries.windows import free_window, last_day_to_cancel
from kit import clock


def is_over(quota: Quota, course: Course, at: datetime | None = None) -> bool:
    """Whether what is left of a quota is open to all: after its day, at the latest once cancelling is no longer free for everybody.

    The one definition for the enrolling, the pages, the API and the scheduled task.
    """
    if quota.until is not None and clock.today(at) > quota.until:
        return True
    return not free_window(course).is_open(at)


def last_day(quota: Quota, course: Course) -> date | None:
    """Return the last day on which a quota keeps its places; None for a course without dates."""
    days = [day for day in (quota.until, last_day_to_cancel(course)) if day is not None]
    return min(days, default=None)


def in_force(course: Course, at: datetime | None = None) -> list[Quota]:
    """Return the quotas of a course that keep places at a moment; of a draft all. No query for a course that keeps nothing."""
    if not course.seats_kept:
        return []
    return [
        quota for quota in course.quotas.all() if quota.released_at is None and _reserves(quota, course, at)
    ]


def _reserves(quota: Quota, course: Course, at: datetime | None) -> bool:
    return not course.is_unclosed or not is_over(quota, course, at)


@dataclass(frozen=True)
class Allotment:
    """Who of some people gets which place: `kept` by person the quota, `open` who takes an open place; the others get none."""

    kept: Mapping[int, Quota]
    open: Sequence[int]

    @property
    def people(self) -> list[int]:
        return [*self.kept, *self.open]


def allot(course: Course, people: Sequence[int], at: datetime | None = None) -> Allotment:
    """Return which place each person gets, in their order: one that a quota keeps for them if there is one, else an open one.

    Reads the course as it is: the caller has locked it or only shows what would happen.
    """
    quotas = quota_audiences(course, in_force(course, at))
    if not quotas:
        return Allotment({}, list(people[: course.seats_left]))
    where = places_of(people, clock.today(at))
    left = {quota.pk: quota.left for quota, _audience in quotas}
    kept: dict[int, Quota] = {}
    without: list[int] = []
    for person in people:
        serves = where.get(person, ())
        mine = next((q for q, audience in quotas if left[q.pk] and audience.includes(serves)), None)
        if mine is None:
            without.append(person)
        else:
            kept[person] = mine
            left[mine.pk] -= 1
    return Allotment(kept, without[: course.seats_left])


def due_courses(at: datetime) -> list[Course]:
    """Return the registered courses with a quota that is over and not released yet."""
    quotas = Quota.objects.filter(released_at=None, course__state=CourseState.REGISTERED)
    rows = quotas.select_related("course").prefetch_related("course__sessions").order_by("course", "pk")
    return list(
        {quota.course_id: quota.course for quota in rows if is_over(quota, quota.course, at)}.values()
    )
