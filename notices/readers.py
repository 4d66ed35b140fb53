"""Who reads the notices of a record: apps whose people have several records register it (docs/adr/0024).

Notices stay with the record that they are about. The person who reads finds those of all own records in one inbox, and gets their mail.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any


def _itself(user_id: int) -> Any:
    return [user_id]


def _has_one(_user_id: int) -> bool:
    return True


def _nobody(_records: Collection[Any]) -> Mapping[int, Any]:
    return {}


@dataclass
class Readers:
    """`records_of`: the records whose notices a person reads, for `…__in`; `has_one`: these are the own one only. `behind`: the person
    who gets the mail of each of these records, which are loaded, where that is another one, by primary key. `redirected`: the records
    whose mail another person gets, as a subquery.
    """

    records_of: Callable[[int], Any] = _itself
    has_one: Callable[[int], bool] = _has_one
    behind: Callable[[Collection[Any]], Mapping[int, Any]] = _nobody
    redirected: Callable[[], Any] = list


READERS = Readers()
