"""Who may administer business accounts: never one's own."""

from accounts.acting import Actor
from accounts.enums import ROLES_AT_UNITS, ROSTER_ROLES, Role, UnitKind
from accounts.errors import OnlyOperatorMay
from accounts.models import BusinessAccount, PlaceProposal, Unit, User
from accounts.queries.leads import leads_of_units

# Which roles a unit of a kind can have beside handler and unit lead.
SPECIAL_ROLES = {
    UnitKind.COUNTY_OFFICE: Role.COUNTY_OFFICER,
    UnitKind.COUNTY_SECTION: Role.COUNTY_OFFICER,
    UnitKind.OPERATOR: Role.OPERATOR,
}


def roles_at(unit: Unit) -> list[str]:
    """The roles that an account at a unit can have."""
    special = SPECIAL_ROLES.get(UnitKind(unit.kind))
    return [Role.HANDLER, Role.UNIT_LEAD, Role.ROSTER, *([special] if special else [])]


def may_oversee(by: Actor, unit: Unit) -> bool:
    """Whether a hat reaches a unit's accounts: its lead, an officer of its county, the operator."""
    if by.is_unit_lead:
        return by.is_in_force and by.unit_id == unit.pk
    return may_oversee_county(by, unit.county_id)


def may_oversee_county(by: Actor, county_id: int | None) -> bool:
    """Return whether a hat acts for a county, or (None) for the country: an officer for the own county, the operator for all."""
    return by.is_in_force and (by.is_operator_hat or by.oversees_county(county_id))


def require_operator(by: Actor) -> None:
    """Raise OnlyOperatorMay."""
    if not (by.is_operator_hat and by.is_in_force):
        raise OnlyOperatorMay


def may_manage_roster(by: Actor, unit: Unit) -> bool:
    """Return whether a hat keeps the staff list of a unit: its lead or roster keeper, the operator, and an officer of its county
    while it has no lead.
    """
    if by.role in ROSTER_ROLES and by.unit_id == unit.pk:
        return by.is_in_force
    if not may_oversee(by, unit):
        return False
    return not by.is_county_hat or by.unit_id == unit.pk or not leads_of_units([unit.pk])


def may_decide_proposal(by: Actor, proposal: PlaceProposal) -> bool:
    """Return whether a hat decides about a proposed place: who keeps the unit's staff list, never about oneself."""
    return by.user.pk != proposal.person_id and may_manage_roster(by, proposal.unit)


def may_send_roster(by: Actor) -> bool:
    """Return whether a hat may send staff lists as a file, for the units of `may_send_roster_of`."""
    hat = by.role in ROSTER_ROLES or by.is_county_hat or by.is_operator_hat
    return hat and by.is_in_force


def may_send_roster_of(by: Actor, unit: Unit) -> bool:
    """Return whether a file of a hat may name a unit: the own one of a lead or roster keeper, those of an officer's county, all."""
    own = by.role in ROSTER_ROLES and by.unit_id == unit.pk
    return may_oversee(by, unit) or (own and may_send_roster(by))


def may_appoint(by: Actor, unit: Unit, role: str, person: User) -> bool:
    """Begin or approve: within reach, of a role one may give, and not for oneself. Only the operator gives oversight roles."""
    reaches = may_oversee(by, unit) and (by.is_operator_hat or role in ROLES_AT_UNITS)
    return reaches and by.user.pk != person.pk


def may_stop(by: Actor, account: BusinessAccount) -> bool:
    """Return the refusal to end or suspend: allowed are the account's own person, and everybody with authority over it."""
    return by.user.pk == account.user_id or (
        may_oversee(by, account.unit) and (by.is_operator_hat or account.role in ROLES_AT_UNITS)
    )
