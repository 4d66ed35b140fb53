"""Which reminders are due to whom on a day: courses to close, and decisions before a course, of the people of units."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from accounts.enums import Role
from accounts.models import BusinessAccount, User
from courses.enums import SEATED, Admission, EnrolmentState
from courses.models import Course, YearlyPolicy
from courses.models.policy import policy_of
from courses.models.querysets import CourseQuerySet
from courses.queries import in_charge
from hours.queries.closing_steps import (
    FOR_HANDLERS,
    FOR_LEADS,
    DueStep,
    closing_step,
    decision_step,
    postponed_step,
)
from kit import clock

ROLES = (Role.HANDLER, Role.UNIT_LEAD)
# Decisions are reminded of at most a month before the course, weekends and holidays included.
AHEAD = timedelta(days=60)


def people_after(cursor: int, day: date, number: int) -> list[int]:
    """Return the next people, by primary key, whose units have unclosed courses."""
    open_here = _open(Course.objects.all()).filter(unit=OuterRef("unit"), starts_on__lte=day + AHEAD)
    rows = BusinessAccount.objects.active(day).filter(Exists(open_here), role__in=ROLES, user_id__gt=cursor)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct()[:number])


def steps_of(people: Collection[int], day: date) -> dict[User, list[DueStep]]:
    """Return what each of the people may have to be reminded of on a day, by deadline, told already or not."""
    accounts = list(
        BusinessAccount.objects.active(day)
        .filter(user_id__in=people, role__in=ROLES)
        .select_related("user")
        .order_by("id")
    )
    rows = with_counts(Course.objects.filter(unit_id__in={account.unit_id for account in accounts}), day)
    return steps_by_person(accounts, list(rows), day)


def _open(rows: CourseQuerySet) -> CourseQuerySet:
    """Return the unclosed and the postponed courses among the rows."""
    return rows.unclosed() | rows.postponed()


def with_counts(rows: CourseQuerySet, day: date) -> CourseQuerySet:
    """Return the unclosed courses among the rows that are over, or that have decisions open before they begin, and the postponed ones.

    Each has `people`, who hold a place, and `applied`, who wait for a decision.
    """
    over = Q(ends_on__lt=day)
    ahead = Q(admission=Admission.REVIEW, starts_on__gt=day, starts_on__lte=day + AHEAD)
    return (
        _open(rows)
        .filter(over | ahead | Q(postponed_at__isnull=False))
        .select_related("handler__user", "co_handler__user", "unit")
        .annotate(
            people=Count("enrolments", filter=Q(enrolments__state__in=SEATED)),
            applied=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.APPLIED)),
        )
        .order_by("ends_on", "id")
    )


def steps_by_person(
    accounts: Iterable[BusinessAccount], courses: list[Course], day: date
) -> dict[User, list[DueStep]]:
    """Return the steps of the courses for the holders of the accounts: those in charge, and the leads of the unit."""
    policies, charge = YearlyPolicy.objects.current(), in_charge.of_courses(courses, day)
    of_unit: dict[int, list[Course]] = {}
    for course in courses:
        of_unit.setdefault(course.unit_id, []).append(course)
    found: dict[User, list[DueStep]] = {}
    for account in accounts:
        mine = found.setdefault(account.user, [])
        for course in of_unit.get(account.unit_id, []):
            is_mine = account.user in charge[course.pk].people
            mine += [step for step in _steps(course, policies, day, account, is_mine) if step not in mine]
    return {person: sorted(steps, key=_by_deadline) for person, steps in found.items() if steps}


def _steps(
    course: Course, policies: Mapping[int, YearlyPolicy], day: date, account: BusinessAccount, is_mine: bool
) -> list[DueStep]:
    policy = policy_of(policies, course.year or clock.roc_year(day))
    if course.postponed_at is not None:
        is_lead = account.role == Role.UNIT_LEAD
        step = postponed_step(course, policy, day, for_lead=not is_mine) if is_mine or is_lead else None
    elif course.ends_on is not None and course.ends_on < day:
        wanted = FOR_HANDLERS if is_mine else FOR_LEADS if account.role == Role.UNIT_LEAD else ()
        step = closing_step(course, policy, day, wanted)
    else:
        step = decision_step(course, policy, day) if is_mine and applicants_of(course) else None
    return [step] if step else []


def people_in(course: Course) -> int:
    """Return how many people hold a place in a course of `with_counts`."""
    return int(getattr(course, "people", 0))


def applicants_of(course: Course) -> int:
    """Return how many applications of a course of `with_counts` wait for a decision."""
    return int(getattr(course, "applied", 0))


def _by_deadline(step: DueStep) -> tuple[date, int]:
    return (step.deadline, step.course.pk)
