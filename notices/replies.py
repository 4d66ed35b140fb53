"""Whom an answer to the mail of a kind reaches. The apps register a function for their kinds; the drain calls it for each batch."""

from collections.abc import Callable, Mapping, Sequence

from notices.models import Notice

# The address of each notice of a batch, by primary key, in a constant number of queries.
Addresses = Callable[[Sequence[Notice]], Mapping[int, str]]
_sources: dict[str, Addresses] = {}


def replies(kind: str) -> Callable[[Addresses], Addresses]:
    """Register the decorated function as the source of the addresses of a kind."""

    def register(addresses: Addresses) -> Addresses:
        _sources[kind] = addresses
        return addresses

    return register


def addresses_of(notices: Sequence[Notice]) -> dict[int, str]:
    """Return the addresses of the notices that have one; replies to others reach the sender of the system."""
    found: dict[int, str] = {}
    for kind, source in _sources.items():
        mine = [notice for notice in notices if notice.kind == kind]
        found |= source(mine) if mine else {}
    return found
