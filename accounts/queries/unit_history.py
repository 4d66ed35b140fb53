"""What a unit was called on a day: records, receipts and certificates show the name of the day."""

from collections.abc import Iterable
from datetime import date

from accounts.models import FormerName, Unit
from kit.request_memo import once


class UnitNames:
    """The former names of all units, read once; every other name is the unit's own."""

    def __init__(self, rows: Iterable[tuple[int, str, date]]) -> None:
        """Take unit, name and its last day of each former name, the earliest first."""
        self._former: dict[int, list[tuple[date, str]]] = {}
        for unit_id, name, until in rows:
            self._former.setdefault(unit_id, []).append((until, name))

    def on(self, unit: Unit, day: date | None) -> str:
        """Return the name of a unit on a Taipei day; today's where no day is given."""
        former = self._former.get(unit.pk, []) if day else []
        return next((name for until, name in former if day and day <= until), unit.name)


def unit_names() -> UnitNames:
    """Return the names of all units: one query, once in a request. There are a few renamed units a year."""
    return once("names of units", _read)


def _read() -> UnitNames:
    rows = FormerName.objects.order_by("until", "pk").values_list("unit_id", "name", "until")
    return UnitNames(list(rows))
