"""Under which other hat of the same person an address opens: a link in a notice belongs to one of the person's offices.

Apps register how their routes find an object. Whatever is not registered is found under no other hat, and nothing is said to a person
without such a hat: the reply stays that of an unknown address.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from accounts.acting import Actor
from accounts.models import BusinessAccount, Unit, User
from kit.registry import Registry
from kit.rights import Right

# Whether an actor finds the object of a route's arguments.
Finds = Callable[[Actor, Mapping[str, Any]], bool]
# By the name of a route, or by namespace and argument ("courses:code") for all routes that have it.
FINDERS: Registry[Finds] = Registry("way to find an object")


def finder_of(route: str, arguments: Mapping[str, Any]) -> Finds | None:
    """Return how a route finds its object; None where that is not registered."""
    namespace = route.rpartition(":")[0]
    shared = (FINDERS.get(f"{namespace}:{name}") for name in arguments)
    return FINDERS.get(route) or next(filter(None, shared), None)


def hats_that_open(
    user: User,
    current: BusinessAccount | None,
    accounts: Iterable[BusinessAccount],
    right: Right,
    route: str,
    arguments: Mapping[str, Any],
) -> list[BusinessAccount]:
    """Return the accounts of a person, other than the current one, under which a page opens."""
    others = [account for account in accounts if account != current]
    fitting = [account for account in others if right.admits(account.role, "GET")]
    if arguments:
        finds = finder_of(route, arguments)
        return [account for account in fitting if finds and finds(Actor(user, account), arguments)]
    # Without an object a page of every member shows the same under each hat.
    audience = right.named("GET")
    return fitting if audience and audience.members is None else []


def hats_for_unit(hats: Sequence[Actor], unit_id: int | None) -> Sequence[Actor]:
    """Return those of a person's hats that are at a unit; where there is none those that oversee it, an officer's before the operator's.

    An officer or the operator is notified in place of a unit's own people, of which there may be none.
    """
    at_unit = [hat for hat in hats if hat.unit_id == unit_id]
    overseeing = [] if at_unit else [hat for hat in hats if hat.is_county_hat or hat.is_operator_hat]
    if not overseeing:
        return at_unit
    county = Unit.objects.filter(pk=unit_id or 0).values_list("county_id", flat=True).first()
    officers = [hat for hat in overseeing if hat.oversees_county(county)]
    return officers + [hat for hat in overseeing if hat.is_operator_hat]
