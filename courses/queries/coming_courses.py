"""Which courses a time-driven notice is about on a Taipei day, and the people of them it is for."""

from collections.abc import Callable, Collection
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from courses.enums import CourseState, PlannedAbsenceState
from courses.models import Course, Enrolment, PlannedAbsence, Session, YearlyPolicy
from courses.models.policy import policy_of
from courses.queries.planned_absences import OF_THIS_PLACE, is_of_this_place
from kit import clock
from kit.holidays import DAY, by_county, shared_workday_until, workdays_before

# No notice looks further ahead than this.
FARTHEST = timedelta(days=60)
COURSES, PEOPLE = 50, 2000
# Who is not reminded: the organiser knows, or has a notice, that the person does not come.
AWAY = (PlannedAbsenceState.OPEN, PlannedAbsenceState.ACCEPTED)


def leave_due(day: date) -> QuerySet[Course]:
    """Return the registered courses for which leave has to be arranged on a day: so many working days (policy) before they begin."""
    return _due(day, lambda first, policy, county: workdays_before(first, policy.leave_workdays, county))


def decision_due(day: date) -> QuerySet[Course]:
    """Return the registered courses whose open decisions are to be named on a day."""
    return _due(
        day, lambda first, policy, county: shared_workday_until(first - policy.decision_days * DAY, county)
    )


def _due(day: date, due: Callable[[date, YearlyPolicy, int | None], date]) -> QuerySet[Course]:
    """Return the registered courses whose first day is `due` on a day, by the working days of the county of their unit."""
    policies, ahead = YearlyPolicy.objects.current(), range(1, FARTHEST.days + 1)

    def first_days(county: int | None) -> list[date]:
        days = (day + number * DAY for number in ahead)
        return [
            first for first in days if due(first, policy_of(policies, clock.roc_year(first)), county) == day
        ]

    country, others = by_county(first_days, day, day + FARTHEST)
    begins = Q(starts_on__in=country)
    if others:
        begins &= ~Q(unit__county__in=list(others))
    for county, days in others.items():
        begins |= Q(unit__county=county, starts_on__in=days)
    return Course.objects.unclosed().filter(begins)


def meeting_on(day: date) -> QuerySet[Course]:
    """Return the registered courses that meet on a day and did not meet on the day before."""
    return (
        # A postponed course still holds its other sessions.
        Course.objects.filter(state=CourseState.REGISTERED)
        .filter(pk__in=_sessions_on(day).values("course"))
        .exclude(pk__in=_sessions_on(day - DAY).values("course"))
    )


def _sessions_on(day: date) -> QuerySet[Session]:
    held = Session.objects.filter(suspension=None)
    return held.filter(starts_at__gte=clock.at_taipei(day), starts_at__lt=clock.end_of_day(day))


def some_after(courses: QuerySet[Course], cursor: int) -> tuple[list[int], int | None]:
    """Return the next courses with about two thousand people, and the cursor behind them; None when these are the last."""
    rows = list(courses.filter(pk__gt=cursor).order_by("pk").values_list("pk", "seats_taken")[:COURSES])
    chosen: list[int] = []
    people = 0
    for pk, seats in rows:
        if chosen and people + seats > PEOPLE:
            break
        chosen.append(pk)
        people += seats
    is_last = len(chosen) == len(rows) < COURSES
    return chosen, None if is_last else chosen[-1]


def people_of(courses: Collection[int], state: str) -> QuerySet[Enrolment]:
    """Return the enrolments of a state in the courses, with all that a notice shows, without people who said that they cannot come."""
    away = PlannedAbsence.objects.filter(OF_THIS_PLACE, enrolment=OuterRef("pk"), state__in=AWAY)
    rows = Enrolment.objects.filter(~Exists(away), course__in=courses, state=state)
    return _shown(rows.counting_once()).order_by("pk")


def is_expected(row: Enrolment) -> bool:
    """Return whether a person of `enrolments_by_id` did not say that they cannot come, or was not excused for it."""
    said = (one for one in row.planned_absences.all() if is_of_this_place(one, row))
    return all(planned.state not in AWAY for planned in said)


def enrolments_by_id(ids: Collection[int]) -> dict[int, Enrolment]:
    """Return enrolments by primary key, with all that a notice shows."""
    return _shown(Enrolment.objects.filter(pk__in=ids)).in_bulk()


def courses_by_id(ids: Collection[int]) -> dict[int, Course]:
    """Return courses by primary key, with all that a notice to lecturers and staff shows, in two queries."""
    return _with_contacts().prefetch_related("sessions").in_bulk(ids)


def _with_contacts() -> QuerySet[Course]:
    return Course.objects.select_related("unit", "handler__user", "co_handler__user")


def _shown(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Return the rows with all that a notice shows; the people of a course share one object of it."""
    shown = _with_contacts().prefetch_related("sessions", "questions")
    return rows.select_related("user").prefetch_related(Prefetch("course", shown), "planned_absences")
