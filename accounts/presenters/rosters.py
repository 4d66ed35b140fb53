"""What the check of a roster found, for the page of its job."""

from typing import Any

from accounts.acting import Actor
from accounts.imports.roster import Plan
from accounts.models import Affiliation, Unit
from accounts.rules import may_send_roster_of

# A page with more boxes to tick helps nobody: larger files give the last days themselves (離職日).
MOST_LISTED = 500
# Staff lists that the page of a saved file leads to; who sends more units finds them in the register.
MOST_UNITS = 5


def roster_outcome(plan: Plan, by: Actor) -> dict[str, Any]:
    """Return the people who are missing from the file and the places at other units, as the job keeps them.

    `listed` is false when there are too many to choose one by one; `foreign` counts places that only other units may end.
    """
    own = [place for place, _last in plan.elsewhere if may_send_roster_of(by, place.unit)]
    listed = len(plan.missing) <= MOST_LISTED
    return {
        "missing": [_row(place) for place in plan.missing] if listed else [],
        "missing_total": len(plan.missing),
        "listed": listed,
        "elsewhere": [_row(place) for place in own[:MOST_LISTED]],
        "elsewhere_total": len(own),
        "foreign": len(plan.elsewhere) - len(own),
    }


def units_of(plan: Plan) -> list[dict[str, Any]]:
    """Return the units whose staff lists a saved file changed, as the job keeps them; none when there are many."""
    if len(plan.units) > MOST_UNITS:
        return []
    rows = Unit.objects.filter(pk__in=plan.units).order_by("code", "pk")
    return [{"id": unit.pk, "name": unit.name} for unit in rows]


def _row(place: Affiliation) -> dict[str, Any]:
    return {"id": place.pk, "name": place.user.name, "title": place.title, "unit": place.unit.name}
