"""Add and take back days off and make-up working days: the operator for the country, an officer for the own county."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.errors.code_lists import DayAlreadyAdded, DayTakenBack, MayNotKeepDays
from accounts.locks import lock_actor, lock_day_off
from accounts.models import County, DayOff
from accounts.queries.days_off import forget_days
from accounts.rules import may_oversee_county
from audit import log
from kit import clock
from kit.typed_texts import require_no_number


@dataclass(frozen=True)
class NewDay:
    """A day to be added, for a county or (None) the country."""

    day: date
    name: str
    county: County | None
    is_workday: bool = False


def may_manage_days(by: Actor, county: County | None) -> bool:
    """Return whether a hat keeps the days of a county, or (None) of the country."""
    return may_oversee_county(by, county.pk if county else None)


def _require_right(by: Actor, county: County | None) -> None:
    if not may_manage_days(by, county):
        raise MayNotKeepDays


@transaction.atomic
def import_days(*, by: Actor, days: Sequence[NewDay]) -> int:
    """Add the days of a file, all or none; return how many. Raise MayNotKeepDays, DayAlreadyAdded."""
    by = lock_actor(by)
    for row in days:
        add(by=by, day=row.day, name=row.name, county=row.county, is_workday=row.is_workday)
    return len(days)


@transaction.atomic
def add(*, by: Actor, day: date, name: str, county: County | None, is_workday: bool = False) -> DayOff:
    """Add a day. Raise MayNotKeepDays, DayAlreadyAdded."""
    by = lock_actor(by)
    _require_right(by, county)
    require_no_number(name, field="name")
    row = DayOff(
        day=day,
        name=name,
        county=county,
        is_workday=is_workday,
        added_by=by.appointment,
        added_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise DayAlreadyAdded(day=day) from None
    after = {"day": day, "name": name, "county": county.name if county else "", "is_workday": is_workday}
    log.record("day_off.add", row, by=by, unit_id=by.unit_id, after=after)
    transaction.on_commit(forget_days)
    return row


@transaction.atomic
def take_back(*, row: DayOff, by: Actor) -> DayOff:
    """Let the day be as the national calendar says. Raise MayNotKeepDays, DayTakenBack."""
    by = lock_actor(by)
    row = lock_day_off(row)
    _require_right(by, row.county)
    if row.ended_at:
        raise DayTakenBack
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    log.record("day_off.take_back", row, by=by, unit_id=by.unit_id, before={"day": row.day, "name": row.name})
    transaction.on_commit(forget_days)
    return row
