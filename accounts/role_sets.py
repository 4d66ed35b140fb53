"""The roles, and who among them may use a route: the vocabulary of the apps' `rights` modules.

A relation says how an object is related to the person: the own account's, the own unit's, the own county's, or another one. For a unit
lead, a county officer and the operator `own` is as `unit`.
"""

from accounts.enums import OVERSIGHT_ROLES, ROSTER_ROLES, UNIT_ROLES, Role
from kit.rights import ANY, NOTHING, ONLY_OWN, OWN, Audience, Reach

TEACHER = "teacher"
UNIT, COUNTY, OTHER = "unit", "county", "other"
IN_UNIT = frozenset({OWN, UNIT})
IN_COUNTY = frozenset({OWN, UNIT, COUNTY})


def only(*roles: str, reach: Reach = ANY) -> Audience:
    """Return an audience of these roles alone."""
    return Audience(dict.fromkeys(roles, reach))


UNIT_HATS = only(*UNIT_ROLES)
UNIT_OBJECT = only(*UNIT_ROLES, reach=IN_UNIT)
LEADS = only(Role.UNIT_LEAD)
# The handler of an object, and the lead of its unit.
HANDLED = Audience({Role.HANDLER: ONLY_OWN, Role.UNIT_LEAD: IN_UNIT})
DECIDERS = only(Role.UNIT_LEAD, *OVERSIGHT_ROLES)
OVERSIGHT = only(*OVERSIGHT_ROLES)
OPERATORS = only(Role.OPERATOR)
_BY_PLACE: dict[str, Reach] = {Role.UNIT_LEAD: IN_UNIT, Role.COUNTY_OFFICER: IN_COUNTY, Role.OPERATOR: ANY}
ACCOUNTS = Audience({Role.HANDLER: ONLY_OWN, Role.ROSTER: ONLY_OWN, **_BY_PLACE}, members=NOTHING)
APPLICATIONS = Audience(_BY_PLACE)
CHANGES = Audience({**_BY_PLACE, Role.UNIT_LEAD: NOTHING})
PAPERS = Audience(_BY_PLACE, members=NOTHING)
_BY_STAFF: dict[str, Reach] = {**_BY_PLACE, Role.ROSTER: IN_UNIT}
# Who keeps staff lists: the own unit's, and those of other units.
ROSTERS = only(*ROSTER_ROLES)
STAFF = Audience(_BY_STAFF)
STAFF_KEEPERS = only(*ROSTER_ROLES, *OVERSIGHT_ROLES)
COUNTY_UNITS = Audience({Role.COUNTY_OFFICER: IN_COUNTY, Role.OPERATOR: ANY})
