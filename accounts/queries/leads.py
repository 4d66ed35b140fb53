"""Who leads a unit today, who keeps its staff list, and who oversees it."""

from collections.abc import Collection, Iterable
from datetime import date

from accounts.enums import ROSTER_ROLES, Role
from accounts.models import BusinessAccount, Unit, User

# Of one unit or county no more people than these are notified of a request.
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
    """Return the leads and roster keepers in force of each unit, in one query; a unit without one is missing."""
    held = leads_of_units(unit_ids, roles=ROSTER_ROLES)
    return {unit_id: people_of(accounts) for unit_id, accounts in held.items()}


def officers_of(county_ids: Iterable[int | None]) -> list[BusinessAccount]:
    """Return the officers in force of counties, with their people; units of the nation (None) have none."""
    rows = BusinessAccount.objects.active().filter(role=Role.COUNTY_OFFICER)
    found = rows.filter(unit__county__in=[pk for pk in county_ids if pk is not None])
    return list(found.select_related("user", "unit").order_by("id"))


def operators() -> list[BusinessAccount]:
    """Return the operators in force, with their people."""
    rows = BusinessAccount.objects.active().filter(role=Role.OPERATOR)
    return list(rows.select_related("user", "unit").order_by("id"))


def overseers_of(county_ids: Iterable[int | None]) -> dict[int | None, list[User]]:
    """Return the officers in force of each county; where there are none, and for units of the nation (None), the operators."""
    found: dict[int | None, list[BusinessAccount]] = {pk: [] for pk in county_ids}
    for account in officers_of(found):
        found[account.unit.county_id].append(account)
    others = [] if all(found.values()) else operators()
    return {pk: people_of(accounts or others) for pk, accounts in found.items()}


def staff_deciders(unit: Unit) -> list[User]:
    """Return who decides about the staff list of a unit: its keepers; if there are none the county's officers; else the operators."""
    keepers = keepers_of_units([unit.pk]).get(unit.pk)
    return (keepers or overseers_of([unit.county_id])[unit.county_id])[:MOST_TOLD]


def people_of(accounts: Iterable[BusinessAccount]) -> list[User]:
    """Return the people of accounts, each once."""
    return list(dict.fromkeys(account.user for account in accounts))
