"""年度政策: the operator writes a new version; earlier ones stay as they were."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.locks import lock_actor
from audit import log
from courses.actions import lights
from courses.errors import PolicyChanged, ReasonMissing
from courses.models import YearlyPolicy
from courses.rules import require_operator
from inservice import clock

EDITABLE = (
    "unit_yellow_at", "unit_red_at", "closing_days", "final_deadline", "count_earlier_years", "teacher_yellow_at",
    "teacher_red_at", "cancel_days_before", "hour_step", "hours_a_day", "hours_a_week",
)  # fmt: skip


@transaction.atomic
def change(*, year: int, by: Actor, values: Mapping[str, Any], reason: str, version: int) -> YearlyPolicy:
    """Write the next version of a ROC year's policy and recount every light by it.

    `version` is the one that the operator saw. Raises OnlyOperator, ReasonMissing, PolicyChanged (another edit came first).
    """
    by = lock_actor(by)
    require_operator(by)
    if not reason.strip():
        raise ReasonMissing
    old = YearlyPolicy.objects.in_force(year)
    if old.version != version:
        raise PolicyChanged
    facts = {name: values.get(name, getattr(old, name)) for name in EDITABLE}
    new = YearlyPolicy(
        year=year,
        version=old.version + 1,
        changed_by=by.user,
        changed_at=clock.now(),
        reason=reason.strip(),
        **facts,
    )
    new.full_clean(exclude=["changed_by"])
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
        after={name: str(v) for name, v in facts.items()},
    )
    if year in (clock.this_year(), clock.this_year() - 1):
        lights.refresh(year=year, cause="policy")
    return new
