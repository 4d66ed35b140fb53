"""Who leads a unit today, and who keeps its staff list."""

from collections.abc import Collection
from datetime import date

from accounts.enums import ROSTER_ROLES, Role
from accounts.models import BusinessAccount, Unit, User

MOST_TOLD = 20


def leads_of_units(
    unit_ids: Collection[int], on: date | None = None, roles: Collection[str] = (Role.UNIT_LEAD,)
) -> dict[int, list[BusinessAccount]]:
    """Return the leads in force of each unit, or other roles, with their people, in one query; a unit without one is missing."""
    found: dict[int, list[BusinessAccount]] = {}
    if not unit_ids:
        return found
    rows = BusinessAccount.objects.active(on).filter(unit_id__in=unit_ids, role__in=roles)
    for account in rows.select_related("user").order_by("id"):
        found.setdefault(account.unit_id, []).append(account)
    return found


def keepers_of_units(unit_ids: Collection[int]) -> dict[int, list[User]]:
    """The leads and roster keepers in force of each unit, in one query; a unit without one is missing."""
    found: dict[int, list[User]] = {}
    rows = BusinessAccount.objects.active().filter(unit_id__in=unit_ids, role__in=ROSTER_ROLES)
    for account in rows.select_related("user").order_by("id"):
        people = found.setdefault(account.unit_id, [])
        if account.user not in people:
            people.append(account.user)
    return found


def staff_deciders(unit: Unit) -> list[User]:
    """Return who decides about the staff list of a unit: its keepers; if there are none the county's officers; else the operator."""
    if people := keepers_of_units([unit.pk]).get(unit.pk):
        return people[:MOST_TOLD]
    active = BusinessAccount.objects.active().select_related("user").order_by("id")
    circles = [
        active.filter(role=Role.COUNTY_OFFICER, unit__county__isnull=False, unit__county=unit.county),
        active.filter(role=Role.OPERATOR),
    ]
    for circle in circles:
        if people := list({account.user: None for account in circle[:MOST_TOLD]}):
            return people
    return []


def overseers_of(county_ids: Collection[int | None]) -> dict[int | None, list[User]]:
    """The county officers in force of each county; where there are none, and for units of the nation (None), the operators."""
    found: dict[int | None, list[User]] = {pk: [] for pk in county_ids}
    active = BusinessAccount.objects.active().select_related("user", "unit").order_by("id")
    officers = active.filter(role=Role.COUNTY_OFFICER, unit__county__in=[pk for pk in found if pk])
    for account in officers:
        found[account.unit.county_id].append(account.user)
    if not all(found.values()):
        operators = [account.user for account in active.filter(role=Role.OPERATOR)]
        found = {pk: people or operators for pk, people in found.items()}
    return {pk: list(dict.fromkeys(people)) for pk, people in found.items()}
