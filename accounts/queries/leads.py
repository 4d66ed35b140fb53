"""Who leads a unit today."""

from collections.abc import Collection
from datetime import date

from accounts.enums import Role
from accounts.models import BusinessAccount


def leads_of_units(unit_ids: Collection[int], on: date | None = None) -> dict[int, list[BusinessAccount]]:
    """The leads in force of each unit, with their people, in one query; a unit without one is missing."""
    found: dict[int, list[BusinessAccount]] = {}
    if not unit_ids:
        return found
    rows = BusinessAccount.objects.active(on).filter(unit_id__in=unit_ids, role=Role.UNIT_LEAD)
    for account in rows.select_related("user").order_by("id"):
        found.setdefault(account.unit_id, []).append(account)
    return found
