"""A unit gets another code or level. The old one is kept: search, forms and imports still find the unit by it."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.actions import unit_rules
from accounts.errors import LevelDiffers, ReasonNeeded, UnitCodeTaken, UnitStays
from accounts.locks import lock_actor, lock_units
from accounts.models import FormerCode, FormerName, Unit
from audit import log
from kit import clock
from kit.typed_texts import require_reason


def refuse_taken(code: str, level: str) -> None:
    """Raise UnitCodeTaken if a unit has this code and level today."""
    if known := Unit.objects.filter(code=code, level=level).first():
        raise UnitCodeTaken(name=known.name)


def store_former_names(former: Sequence[tuple[Unit, str]]) -> None:
    """Keep the names that units had until yesterday. Of two changes on one day the first name is kept: the other held for no day."""
    yesterday = clock.today() - timedelta(days=1)
    FormerName.objects.bulk_create(
        [FormerName(unit=unit, name=name, until=yesterday) for unit, name in former],
        ignore_conflicts=True,
        batch_size=500,
    )


@transaction.atomic
def recode(*, unit: Unit, code: str, level: str, reason: str, by: Actor) -> Unit:
    """Give a unit another code, level or both; numbers of business accounts and courses stay as they are.

    Raise MayNotKeepUnit, KindOfOperator, ReasonNeeded, UnitStays, LevelDiffers, LevelNotOffered, UnitCodeTaken.
    """
    lock_units([unit.pk])
    by = lock_actor(by)
    unit = Unit.objects.select_related("county").get(pk=unit.pk)
    unit_rules.require_keeper(by, unit.county_id)
    unit_rules.require_kind(by, unit.kind)
    require_reason(reason, ReasonNeeded)
    if (code, level) == (unit.code, unit.level):
        raise UnitStays
    if not unit_rules.level_fits(unit.kind, level):
        raise LevelDiffers
    if level != unit.level:
        unit_rules.require_offered([level])
    refuse_taken(code, level)
    before = {"code": unit.code, "level": unit.level}
    yesterday = clock.today() - timedelta(days=1)
    FormerCode.objects.get_or_create(unit=unit, until=yesterday, code=unit.code, level=unit.level)
    unit.code, unit.level = code, level
    try:
        with transaction.atomic():
            unit.save(update_fields=["code", "level"])
    except IntegrityError:
        # Given to another unit since the look above.
        raise UnitCodeTaken(name=code) from None
    after = {"code": code, "level": level}
    log.record("unit.recoded", unit, by=by, unit_id=unit.pk, reason=reason, before=before, after=after)
    return unit
