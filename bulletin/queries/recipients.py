"""Whom something published is for: one rule for the line on top, the list and the file itself."""

from accounts.acting import Actor
from accounts.enums import Role
from accounts.queries.counties import counties_of
from bulletin.enums import Readers
from bulletin.models.published import Published

_ROLES = {
    Readers.HANDLERS: frozenset({Role.HANDLER, Role.UNIT_LEAD}),
    Readers.LEADS: frozenset({Role.UNIT_LEAD}),
}


class Reader:
    """An actor, or a visitor, who may read what is published. The counties are looked up when a row depends on them."""

    def __init__(self, by: Actor | None) -> None:
        self.by = by
        self._counties: frozenset[int] | None = None

    @property
    def counties(self) -> frozenset[int]:
        if self._counties is None:
            self._counties = counties_of(self.by) if self.by else frozenset()
        return self._counties

    def reads(self, row: Published) -> bool:
        """Return whether it is published for this hat; a person reads for the county of the hat, or of the places of service."""
        if not self._has_hat(row.readers):
            return False
        return row.county_id is None or row.county_id in self.counties

    def _has_hat(self, readers: str) -> bool:
        if readers == Readers.EVERYBODY:
            return True
        if self.by is None:
            return False
        return readers == Readers.MEMBERS or self.by.role in _ROLES[Readers(readers)]
