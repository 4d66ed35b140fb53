"""通知: telling handlers to close their courses. In the inbox and by e-mail, each person once a day for each unit at most."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import Role
from accounts.locks import lock_actor
from accounts.models import BusinessAccount, User
from audit import log
from courses.errors import OnlyOversight
from courses.locks import lock_course_rows
from courses.models import Course
from courses.models.querysets import CourseQuerySet
from courses.queries import oversight
from courses.rules import require_unit_hat
from inservice import clock
from jobs import actions
from jobs.models import Job
from notices import outbox


@dataclass(frozen=True)
class Told:
    """How many courses were meant, how many people that is, and how many were told now (the rest had been told today)."""

    courses: int
    people: int
    told: int


@transaction.atomic
def notify_handlers(*, by: Actor, course_ids: Collection[int], at: datetime | None = None) -> Told:
    """A unit's hat tells the handlers of chosen unclosed courses of the unit. Raises NeedsBusinessAccount."""
    by = lock_actor(by)
    account = require_unit_hat(by)
    return _remind(Course.objects.unclosed().of_unit(account.unit_id).filter(pk__in=course_ids), by, at)


@transaction.atomic
def chase(
    *, by: Actor, unit_ids: Collection[int], year: int | None = None, at: datetime | None = None
) -> Told:
    """A county officer or the operator tells all handlers of overdue courses of chosen units: a constant number of queries.

    `year`: every unclosed course of that ROC year that is over (the year-end list); otherwise what lights the units now and, until
    its final deadline, last year's rest. Raises OnlyOversight. Units of other counties are left out.
    """
    by = lock_actor(by)
    require_oversight(by)
    due = Course.objects.closable(at).filter(year=year) if year else oversight.to_chase(at)
    courses = due.filter(unit_id__in=unit_ids)
    if not by.is_operator_hat and by.account:
        courses = courses.filter(unit__county_id=by.account.unit.county_id)
    return _remind(courses, by, at)


@transaction.atomic
def chase_in_background(*, by: Actor, unit_ids: Collection[int], year: int | None = None) -> Job:
    """`chase` as a job whose page shows how many units are done. Raises OnlyOversight."""
    by = lock_actor(by)
    require_oversight(by)
    units = sorted(set(unit_ids))
    return actions.start("chase", by=by, parameters={"units": units, "year": year}, total=len(units))


def require_oversight(by: Actor) -> None:
    """Raises OnlyOversight."""
    if not (by.is_county_hat or by.is_operator_hat) or by.account is None or not by.account.is_active():
        raise OnlyOversight


def _remind(courses: CourseQuerySet, by: Actor, at: datetime | None) -> Told:
    """Lock the courses, then find them again: who has closed one meanwhile is not reminded of it."""
    lock_course_rows(courses.values_list("pk", flat=True))
    found = list(courses.select_related("handler__user", "unit").order_by("ends_on", "id"))
    leads = _leads({c.unit_id for c in found if not c.handler.is_active(clock.today(at))})
    by_person: dict[tuple[User, int], list[Course]] = {}
    for course in found:
        # A course of somebody who has left reaches the unit's leads, who can have it transferred.
        gone = not course.handler.is_active(clock.today(at))
        people = leads.get(course.unit_id, []) if gone else [course.handler.user]
        for person in people:
            by_person.setdefault((person, course.unit_id), []).append(course)
    told = outbox.write(
        _letter(person, unit_id, rows, by, at) for (person, unit_id), rows in by_person.items()
    )
    Course.objects.filter(pk__in=[c.pk for c in found]).update(
        notified_at=at or clock.now(), notified_by=by.person_label[:200]
    )
    log.record_many(
        log.event(
            "course.notify", course, by=by, unit_id=course.unit_id, after={"handler": course.handler.number}
        )
        for course in found
    )
    return Told(len(found), len({person.pk for person, _ in by_person}), told)


def _leads(unit_ids: set[int]) -> dict[int, list[User]]:
    found: dict[int, list[User]] = {}
    rows = (
        BusinessAccount.objects.active()
        .filter(unit_id__in=unit_ids, role=Role.UNIT_LEAD)
        .select_related("user")
    )
    for account in rows:
        found.setdefault(account.unit_id, []).append(account.user)
    return found


def _letter(
    person: User, unit_id: int, courses: list[Course], by: Actor, at: datetime | None
) -> outbox.Letter:
    return outbox.Letter(
        kind="please_close",
        to=person,
        about=f"unit:{unit_id}",
        day=clock.today(at),
        path=_list_of(courses),
        context={
            "unit": courses[0].unit.name,
            "courses": [{"code": c.code, "title": c.title, "ended": c.ends_on} for c in courses],
        },
        sent_by=f"{by.person_label} ({by.account.unit.name})" if by.account else by.person_label,
    )


def _list_of(courses: list[Course]) -> str:
    """The unit's list of the year in which the oldest course stands: the list shows one year at a time."""
    return reverse("courses:unit_courses") + f"?state=registered&year={min(c.year or 0 for c in courses)}"
