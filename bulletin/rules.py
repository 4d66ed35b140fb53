"""Who may publish, and for whom."""

from accounts.acting import Actor
from accounts.models import County
from bulletin.enums import Readers
from bulletin.errors import MayNotPublish, VisitorsOfACounty


def publishes_for(by: Actor, county: County | None) -> bool:
    """Return whether a hat publishes for a county, or for the country: the operator, and an officer for the own county."""
    if by.account is None or not by.account.is_active():
        return False
    return by.is_operator_hat or (
        by.is_county_hat and county is not None and by.account.unit.county_id == county.pk
    )


def require_publisher(by: Actor, county: County | None) -> None:
    """Raise MayNotPublish."""
    if not publishes_for(by, county):
        raise MayNotPublish


def require_readers(readers: str, county: County | None) -> None:
    """Raise VisitorsOfACounty: a visitor belongs to none."""
    if county is not None and readers == Readers.EVERYBODY:
        raise VisitorsOfACounty
