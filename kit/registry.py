"""Tables whose rows belong to the apps: each app registers its own from `AppConfig.ready`."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

Row = TypeVar("Row")


class AlreadyRegistered(Exception):
    """Two apps register different rows under one name."""


class Registry(Mapping[str, Row]):
    """A mapping that grows while the apps start; `what` names its rows in the error."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._rows: dict[str, Row] = {}

    def register(self, rows: Mapping[str, Row]) -> None:
        """Add the rows of an app. Registering the same rows again changes nothing. Raise AlreadyRegistered for a name that is taken."""
        for name, row in rows.items():
            if name in self._rows and self._rows[name] is not row:
                raise AlreadyRegistered(f"{self._what} {name!r} is registered twice")
        self._rows.update(rows)

    def __getitem__(self, name: str) -> Row:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
