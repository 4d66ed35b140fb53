"""Which objections are due to whom on a day, by their clock (`hours.queries.objection_days`)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.enums import Role
from accounts.models import BusinessAccount, User
from courses.models import YearlyPolicy
from courses.queries import in_charge
from hours.enums import WAITING, ObjectionState, ReplyLevel
from hours.models import Objection
from hours.queries.closing_steps import CATCH_UP
from hours.queries.objection_days import REMIND, TO_COUNTY, ObjectionDays, days_of

UNIT, COUNTY = (Role.HANDLER, Role.UNIT_LEAD), (Role.COUNTY_OFFICER,)


@dataclass(frozen=True)
class DueObjection:
    """One step of an objection of which a person gets a notice."""

    days: ObjectionDays
    step: str

    @property
    def objection(self) -> Objection:
        return self.days.objection

    @property
    def ref(self) -> str:
        """Return the event: a review has a clock of its own."""
        return f"objection:{self.objection.pk}:{self.objection.state}:{self.step}"


def _near(day: date) -> Q:
    """Return the condition of the accounts that waiting objections may concern."""
    waiting = Objection.objects.filter(state__in=WAITING)
    return Q(role__in=UNIT, unit__in=waiting.values("course__unit")) | Q(
        role__in=COUNTY, unit__county__in=waiting.values("course__unit__county")
    )


def people_after(cursor: int, day: date, number: int) -> list[int]:
    """Return the next people, by primary key, whom waiting objections may concern."""
    rows = BusinessAccount.objects.active(day).filter(_near(day), user_id__gt=cursor)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct()[:number])


def due_to(people: Collection[int], day: date) -> dict[BusinessAccount, list[DueObjection]]:
    """Return the steps of which each of the people may get a notice on a day, by the last day to answer, in the account that is to reply to the
    first of them.
    """
    accounts = list(
        BusinessAccount.objects.active(day)
        .filter(_near(day), user_id__in=people)
        .select_related("user", "unit")
        .order_by("user_id", "id")
    )
    reached = Q(course__unit__in={a.unit_id for a in accounts if a.role in UNIT})
    reached |= Q(course__unit__county__in={a.unit.county_id for a in accounts if a.role in COUNTY} - {None})
    rows = list(
        Objection.objects.filter(reached, state__in=WAITING)
        .select_related("course__unit", "course__handler__user", "course__co_handler__user", "user")
        .order_by("id")
    )
    charge = in_charge.of_courses({row.course_id: row.course for row in rows}.values(), day)
    policies = YearlyPolicy.objects.current()
    found: dict[User, list[tuple[DueObjection, BusinessAccount]]] = {}
    for row in rows:
        days = days_of(row, policies)
        for account in accounts:
            step = _step(account, days, day, charge[row.course_id].people)
            mine = found.setdefault(account.user, [])
            if step and all(one.ref != step.ref for one, _account in mine):
                mine.append((step, account))
    by_deadline = [sorted(mine, key=_in_turn) for mine in found.values() if mine]
    return {mine[0][1]: [step for step, _account in mine] for mine in by_deadline}


def _in_turn(due: tuple[DueObjection, BusinessAccount]) -> tuple[date, int]:
    return (due[0].days.answer_by, due[0].objection.pk)


def _step(
    account: BusinessAccount, days: ObjectionDays, day: date, in_charge_of_it: Iterable[User]
) -> DueObjection | None:
    """Return the latest step that a day has reached and that is for the account, if its notice is still of the day."""
    wanted = _wanted(account, days, in_charge_of_it)
    reached = [(step, on) for step, on in days.steps() if step in wanted and on <= day]
    return DueObjection(days, reached[-1][0]) if reached and reached[-1][1] > day - CATCH_UP else None


def _wanted(account: BusinessAccount, days: ObjectionDays, in_charge_of_it: Iterable[User]) -> set[str]:
    """Return the steps of an objection that are for an account."""
    objection, course = days.objection, days.objection.course
    above = {step for step, _on in days.steps()} - {TO_COUNTY}
    if account.role in COUNTY:
        if account.unit.county_id != course.unit.county_id:
            return set()
        is_reviewer = objection.state == ObjectionState.REVIEW and objection.review_level == ReplyLevel.COUNTY
        return above if is_reviewer else {TO_COUNTY} if not days.begins_above_the_unit else set()
    if account.unit_id != course.unit_id:
        return set()
    is_lead = account.role == Role.UNIT_LEAD
    if objection.state == ObjectionState.REVIEW:
        may_review = is_lead and objection.answered_by_id != account.user_id
        return above if may_review and objection.review_level == ReplyLevel.LEAD else set()
    if account.user in in_charge_of_it:
        return above
    return above - {REMIND} if is_lead else set()
