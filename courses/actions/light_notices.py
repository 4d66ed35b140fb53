"""The notices of a light whose colour changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.enums import UNIT_ROLES, Role
from accounts.models import BusinessAccount
from accounts.unit_pages import unit_page
from courses.enums import Colour
from courses.models import LightChange, YearlyPolicy
from courses.models.policy import policy_of
from courses.queries import lights
from kit import clock
from notices import outbox
from notices.enums import Category


def notify(changes: list[LightChange], moment: datetime) -> None:
    """Notify every handler and lead of a unit whose colour changed, also for a second change to the same colour in a day."""
    if not changes:
        return
    policies = YearlyPolicy.objects.current()
    begun = [change.unit_id for change in changes if change.cause == LightChange.NEW_YEAR]
    rest = lights.rest_of_last_year(begun, moment, policies) if begun else {}
    by_unit = {change.unit_id: change for change in changes}
    accounts = (
        BusinessAccount.objects.active(clock.today(moment))
        .filter(unit_id__in=by_unit, role__in=UNIT_ROLES)
        .select_related("user", "unit")
    )
    facts = {unit: _facts(change, policies, rest) for unit, change in by_unit.items()}
    outbox.write(_notice(account, by_unit[account.unit_id], facts[account.unit_id]) for account in accounts)


def _facts(
    change: LightChange, policies: Mapping[int, YearlyPolicy], rest: Mapping[int, int]
) -> dict[str, Any]:
    """Return the numbers that the notice of a change is worded from."""
    policy = policy_of(policies, change.year)
    return {
        "before": change.before,
        "overdue": change.overdue,
        "year": change.year,
        "yellow_at": policy.unit_yellow_at,
        "red_at": policy.unit_red_at,
        "to_open": max(change.overdue - policy.unit_red_at + 1, 0),
        "reopened": change.before == Colour.RED and change.after != Colour.RED,
        "rest": rest.get(change.unit_id, 0),
        "last_year": change.year - 1,
        "final_deadline": policy_of(policies, change.year - 1).announced_last_day,
    }


def _notice(account: BusinessAccount, change: LightChange, facts: dict[str, Any]) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=f"light_{change.after}",
        # The lead always gets an e-mail (duty), whatever the person's e-mail preferences.
        category=Category.DUTIES if account.role == Role.UNIT_LEAD else "",
        to=account.user,
        about=f"light:{change.unit_id}",
        event=change.pk,
        path=unit_page("courses:unit_home", change.unit_id),
        context=facts | {"unit": account.unit.name},
    )
