"""Who may take training records along."""

from accounts.acting import Actor
from accounts.models import County, Unit
from courses.errors import OnlyOversight
from hours.errors import OnlyUnitLead


def require_records_of_unit(by: Actor) -> Unit:
    """The unit of a lead. Raise OnlyUnitLead."""
    if by.account is None or not by.is_unit_lead or not by.account.is_active():
        raise OnlyUnitLead
    return by.account.unit


def require_records_of_county(by: Actor, county: County) -> None:
    """An officer's own county, any county of the operator's. Raise OnlyOversight."""
    if by.account is None or not by.account.is_active():
        raise OnlyOversight
    if not by.is_operator_hat and not by.oversees_county(county.pk):
        raise OnlyOversight
