"""What a unit may be: its kind, level, county and parent fit each other."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.acting import Actor
from accounts.enums import NATIONAL_KINDS, OPERATORS_KINDS, PARENT_KINDS, UnitKind, UnitLevel
from accounts.errors import (
    CountyNeeded,
    KindOfOperator,
    LevelDiffers,
    MayNotKeepUnit,
    ParentAstray,
    ParentInCircle,
    ParentOfWrongKind,
    UnitClosed,
)
from accounts.errors.code_lists import LevelNotOffered, UnitsUnfit
from accounts.models import Unit
from accounts.queries.levels import levels_not_offered
from accounts.rules import may_oversee_county
from kit import clock

# How many units may be above each other: ministry, university, school, kindergarten.
DEEPEST = 5


def require_keeper(by: Actor, county_id: int | None) -> None:
    """Raise MayNotKeepUnit unless the hat may make and change units of the county (None: of the nation)."""
    if not may_oversee_county(by, county_id):
        raise MayNotKeepUnit


def require_kind(by: Actor, kind: str) -> None:
    """Raise KindOfOperator for a kind that only the operator makes and changes."""
    if kind in OPERATORS_KINDS and not by.is_operator_hat:
        raise KindOfOperator


def require_open(unit: Unit, on: date | None = None) -> None:
    """Raise UnitClosed for a unit whose last day has passed, or will have passed `on` a later day."""
    if unit.until and unit.has_closed(max(on or clock.today(), clock.today())):
        raise UnitClosed(unit=unit.name, day=unit.until)


def require_open_for(unit: Unit, since: date | None, until: date | None) -> None:
    """Raise UnitClosed for a new place of service that would begin after the unit's last day, or outlast it once it has passed."""
    if unit.until is None:
        return
    begins_late = since is not None and since > unit.until
    if begins_late or (unit.has_closed() and (until is None or until > unit.until)):
        raise UnitClosed(unit=unit.name, day=unit.until)


def check(facts: Mapping[str, Any], unit: Unit | None = None) -> None:
    """Check the facts of a unit. A parent that has closed since stays.

    Raise CountyNeeded, LevelDiffers, ParentOfWrongKind, ParentAstray, UnitClosed (a new parent), ParentInCircle.
    """
    kind, county, parent = facts["kind"], facts["county"], facts["parent"]
    if county is None and kind not in NATIONAL_KINDS:
        raise CountyNeeded
    if not level_fits(kind, facts["level"]):
        raise LevelDiffers
    if parent is None:
        return
    if not kind_fits_under(kind, parent.kind):
        raise ParentOfWrongKind(kind=UnitKind(kind).label, parent=UnitKind(parent.kind).label)
    if not county_fits_under(county.pk if county else None, parent.county_id):
        raise ParentAstray(parent=parent.name)
    if unit is None or unit.parent_id != parent.pk:
        require_open(parent)
    if unit is not None and _is_above(unit, parent):
        raise ParentInCircle(parent=parent.name)


def begins_after_end(unit: Unit, facts: Mapping[str, Any]) -> bool:
    """Return whether the facts let a unit begin after its last day."""
    return bool(unit.until and facts.get("since") and facts["since"] > unit.until)


def kind_fits_under(kind: str, parent_kind: str) -> bool:
    """Return whether a unit of a kind may be under one of another kind."""
    return parent_kind in PARENT_KINDS.get(kind, frozenset())


def county_fits_under(county: object, parent_county: object) -> bool:
    """Return whether a unit of a county may be under one of another: of the same county, or of none (None, or an empty name)."""
    return not parent_county or parent_county == county


def fits_under(kind: str, county: object, parent_kind: str, parent_county: object) -> bool:
    """Return whether a unit may be under another, by kind and county."""
    return kind_fits_under(kind, parent_kind) and county_fits_under(county, parent_county)


def require_fit_around(units: Iterable[int]) -> None:
    """Raise UnitsUnfit if one of the units does not fit the unit above it, or one under it. The caller has locked them and their parents."""
    ids = list(units)
    near = Unit.objects.exclude(parent=None).filter(Q(pk__in=ids) | Q(parent__in=ids))
    for unit in near.select_related("parent").order_by("code", "level"):
        parent = unit.parent
        if parent and not fits_under(unit.kind, unit.county_id, parent.kind, parent.county_id):
            raise UnitsUnfit(unit=unit.name, parent=parent.name)


def require_offered(levels: Collection[str]) -> None:
    """Raise LevelNotOffered if a unit would newly have a level that is not offered today; units keep the level they have."""
    if ended := sorted(levels_not_offered().intersection(levels)):
        raise LevelNotOffered(level=UnitLevel(ended[0]).label)


def level_fits(kind: str, level: str) -> bool:
    """Whether a unit of a kind has a level: schools have one of a school, kindergartens preschool, others none."""
    if kind == UnitKind.SCHOOL:
        return level not in (UnitLevel.NONE, UnitLevel.PRESCHOOL)
    return level == (UnitLevel.PRESCHOOL if kind == UnitKind.KINDERGARTEN else UnitLevel.NONE)


def _is_above(unit: Unit, parent: Unit) -> bool:
    """Whether the unit is its would-be parent or one of the units above it."""
    above: Unit | None = parent
    for _step in range(DEEPEST):
        if above is None:
            return False
        if above.pk == unit.pk:
            return True
        above = above.parent
    return True
