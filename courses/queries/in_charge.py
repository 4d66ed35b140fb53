"""Who is in charge of a course today. Every notice, contact and link for "the handler" uses this module.

These are the accounts of the handler and the second handler that are in force and whose people are still employed; otherwise the
unit's leads in force, who can have the course moved. If there is neither, no notice can be sent and the unit has to be telephoned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import BusinessAccount, User
from accounts.queries.leads import leads_of_units
from courses.models import Course

# The columns that lists read of both accounts to see whether they are in force, and to name their people.
COLUMNS = tuple(
    f"{account}__{name}"
    for account in ("handler", "co_handler")
    for name in ("valid_from", "valid_until", "ended_at", "suspended_at", "user__name", "user__is_active")
)


@dataclass(frozen=True)
class InCharge:
    """The accounts in force that are responsible for a course; `has_handler` is false where these are the unit's leads, or none."""

    accounts: Sequence[BusinessAccount]
    has_handler: bool

    @property
    def people(self) -> list[User]:
        """Return each person once, however many accounts the person has."""
        return list({account.user_id: account.user for account in self.accounts}.values())

    @property
    def is_nobody(self) -> bool:
        """Whether there is no account to notify: telephone the unit."""
        return not self.accounts


def handlers_of(course: Course) -> list[BusinessAccount]:
    """The accounts that own a course: the only place that knows how many there are."""
    return [account for account in (course.handler, course.co_handler) if account]


def handler_has_left(course: Course, on: date | None = None) -> bool:
    """Whether none of the course's own accounts is in force."""
    return not _at_work(course, on)


def who_left(course: Course, on: date | None = None) -> list[User]:
    """The people of the course's own accounts that are not in force."""
    return [account.user for account in handlers_of(course) if not account.is_active(on)]


def of_courses(courses: Iterable[Course], on: date | None = None) -> dict[int, InCharge]:
    """Who is in charge of each course, by its primary key: one query at most. The caller has loaded
    `handler__user` and `co_handler__user`, as they are now.
    """
    rows = list(courses)
    at_work = {course.pk: _at_work(course, on) for course in rows}
    leads = leads_of_units({course.unit_id for course in rows if not at_work[course.pk]}, on)
    return {
        course.pk: InCharge(at_work[course.pk] or leads.get(course.unit_id, []), bool(at_work[course.pk]))
        for course in rows
    }


def of_course(course: Course, on: date | None = None) -> InCharge:
    """Who is in charge of one course."""
    return of_courses([course], on)[course.pk]


def _at_work(course: Course, on: date | None) -> list[BusinessAccount]:
    return [account for account in handlers_of(course) if account.is_active(on)]
