"""Whether a hat finds the object of a route of accounts, for `accounts.other_hats`."""

from collections.abc import Mapping
from typing import Any

from accounts.acting import Actor
from accounts.queries.staff import places_in_reach, units_of_staff


def finds_staff_of(by: Actor, arguments: Mapping[str, Any]) -> bool:
    return units_of_staff(by).filter(pk=arguments["pk"]).exists()


def finds_place(by: Actor, arguments: Mapping[str, Any]) -> bool:
    return places_in_reach(by).filter(pk=arguments["pk"]).exists()
