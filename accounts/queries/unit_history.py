"""What a unit was called on a day, and what it was before: records, receipts and certificates show the name of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, CharField, F, Value
from django.db.models.functions import Cast

from accounts.enums import UnitLevel
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


@dataclass(frozen=True)
class FormerCodeFacts:
    code: str
    level: UnitLevel
    until: date


@dataclass(frozen=True)
class UnitPast:
    """What a unit was before: former names and codes with their last day, the latest first, and the units from which it took over
    (key, name, since when), by code.
    """

    names: list[tuple[str, date]]
    codes: list[FormerCodeFacts]
    predecessors: list[tuple[int, str, date]]


def past_of(unit: Unit) -> UnitPast:
    """Return what a unit was before, in one query."""
    none = Value("", CharField())
    nobody = Value(0, BigIntegerField())
    names = unit.former_names.order_by().values_list(
        Value("name", CharField()), nobody, "name", none, "until"
    )
    codes = unit.former_codes.order_by().values_list(
        Value("code", CharField()), nobody, Cast("code", CharField()), Cast("level", CharField()), "until"
    )
    taken = unit.predecessions.order_by().values_list(
        Value("unit", CharField()), F("unit_id"), "unit__name", Cast("unit__code", CharField()), "since"
    )
    rows = sorted(names.union(codes, taken, all=True), key=lambda row: (-row[4].toordinal(), row[3], row[2]))
    before = [row for row in rows if row[0] == "unit"]
    return UnitPast(
        [(name, until) for kind, _pk, name, _level, until in rows if kind == "name"],
        [
            FormerCodeFacts(code, UnitLevel(level), until)
            for kind, _pk, code, level, until in rows
            if kind == "code"
        ],
        [(pk, name, since) for _kind, pk, name, _code, since in sorted(before, key=lambda row: row[3])],
    )
