"""The counties that a person belongs to."""

from accounts.acting import Actor


def counties_of(by: Actor) -> frozenset[int]:
    """Return the county of the hat's unit; for a teacher those of the places of service."""
    if by.account:
        county = by.account.unit.county_id
        return frozenset() if county is None else frozenset({county})
    served = by.user.affiliations.serving().values_list("unit__county_id", flat=True)
    return frozenset(pk for pk in served if pk is not None)
