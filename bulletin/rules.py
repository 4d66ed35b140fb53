"""Who may publish, and for whom."""

from accounts.acting import Actor
from accounts.models import County
from accounts.rules import may_oversee_county
from bulletin.enums import Readers
from bulletin.errors import MayNotPublish, VisitorsOfACounty


def publishes_for(by: Actor, county: County | None) -> bool:
    """Return whether a hat publishes for a county, or for the country: the operator, and an officer for the own county."""
    return may_oversee_county(by, county.pk if county else None)


def require_publisher(by: Actor, county: County | None) -> None:
    """Raise MayNotPublish."""
    if not publishes_for(by, county):
        raise MayNotPublish


def require_readers(readers: str, county: County | None) -> None:
    """Raise VisitorsOfACounty: a visitor belongs to none."""
    if county is not None and readers == Readers.EVERYBODY:
        raise VisitorsOfACounty
