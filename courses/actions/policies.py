"""年度政策: the operator looks at what a change would do, then writes a new version; earlier ones stay as they were.

What was announced under an earlier version stays: deadlines of courses that are over and hours of registered courses
(`YearlyPolicy.deadlines`, `hour_step_for`, `cancel_days_for`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from audit import log
from courses.actions import lights
from courses.errors import PolicyChanged, PolicyOutOfBounds, ReasonMissing
from courses.models import UnitLight, YearlyPolicy
from courses.queries import policy_effect
from courses.queries.lights import lock_order
from courses.rules import require_operator
from kit import clock
from kit.typed_texts import require_reason

EDITABLE = (
    "unit_yellow_at", "unit_red_at", "closing_days", "final_deadline", "count_earlier_years", "teacher_yellow_at",
    "teacher_red_at", "cancel_days_before", "hour_step", "hours_a_day", "hours_a_week",
    "remind_hour", "day_before_hour", "first_warning_days", "last_warning_days", "escalation_days", "leave_workdays",
    "decision_days", "late_minutes", "half_signed_counts", "doubt_remind_days", "doubt_answer_days", "doubt_county_days",
)  # fmt: skip


def foresee(
    *, year: int, by: Actor, values: Mapping[str, Any], version: int, at: datetime | None = None
) -> policy_effect.Effect:
    """Return what `change` would do to the lights, and write nothing. Raise OnlyOperator, PolicyChanged, PolicyOutOfBounds."""
    require_operator(by)
    moment = at or clock.now()
    old, new = _next(year, by, values, version, moment)
    new.replaces(old)
    return policy_effect.effect_of(new, YearlyPolicy.objects.current(), moment)


@transaction.atomic
def change(
    *,
    year: int,
    by: Actor,
    values: Mapping[str, Any],
    reason: str,
    version: int,
    at: datetime | None = None,
) -> YearlyPolicy:
    """Write the next version of a ROC year's policy and recount every light that follows from it, once.

    `version` is the one that the operator saw. Raise OnlyOperator, ReasonMissing, PolicyChanged (another edit came first),
    PolicyOutOfBounds.
    """
    by = lock_actor(by)
    require_operator(by)
    require_reason(reason, ReasonMissing)
    moment = at or clock.now()
    before = YearlyPolicy.objects.current()
    old, new = _next(year, by, values, version, moment)
    new.reason = reason.strip()
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:
        raise PolicyChanged from None
    log.record(
        "policy.change",
        new,
        by=by,
        reason=new.reason,
        before={name: str(getattr(old, name)) for name in EDITABLE},
        after={name: str(getattr(new, name)) for name in EDITABLE},
    )
    _recount(year, before, moment)
    return new


def _next(
    year: int, by: Actor, values: Mapping[str, Any], version: int, at: datetime
) -> tuple[YearlyPolicy, YearlyPolicy]:
    """Return the version in force and the next one, unsaved and within its bounds."""
    old = YearlyPolicy.objects.in_force(year)
    if old.version != version:
        raise PolicyChanged
    facts = {name: values.get(name, getattr(old, name)) for name in EDITABLE}
    new = YearlyPolicy(year=year, version=old.version + 1, changed_by=by.user, changed_at=at, **facts)
    try:
        new.full_clean(exclude=["changed_by"])
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise PolicyOutOfBounds(field=field, why=" ".join(sentences)) from None
    return old, new


def _recount(year: int, before: Mapping[int, YearlyPolicy], at: datetime) -> None:
    """The lights of the year, and of later years that count or counted earlier ones: those that are stored, and the current year's."""
    running = clock.this_year(at)
    years = policy_effect.years_of(year, before, YearlyPolicy.objects.current())
    for lit in lock_order(years, running):
        units = list(UnitLight.objects.filter(year=lit).values_list("unit_id", flat=True))
        if lit == running:
            lights.refresh(year=lit, at=at, cause="policy")
        elif units:
            lights.refresh(unit_ids=units, year=lit, at=at, cause="policy")
