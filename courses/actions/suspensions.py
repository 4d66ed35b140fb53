"""停班停課: a county announces that a day is suspended, which postpones the courses of that time; it may take it back before it begins."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.actions import days_off
from accounts.errors.code_lists import DayAlreadyAdded
from accounts.locks import lock_actor
from accounts.models import County, DayOff
from audit import log
from courses.actions.reminders import require_oversight
from courses.errors.postponements import (
    AlreadySuspended,
    NotYourSuspension,
    SuspensionBackwards,
    SuspensionBegun,
    SuspensionBehind,
    SuspensionEnded,
)
from courses.locks import lock_suspension
from courses.models import Suspension
from courses.queries import suspensions
from jobs import actions
from jobs.models import Job
from kit import clock
from kit.templatetags.ui import roc
from kit.typed_texts import require_no_number

JOB = "suspension"


@dataclass(frozen=True)
class SuspensionFacts:
    """What a county announces. Without hours the whole day, without towns all of the county."""

    county: County | None
    name: str
    day: date
    from_time: time | None = None
    until_time: time | None = None
    districts: list[str] = field(default_factory=list)

    @property
    def is_whole_day_everywhere(self) -> bool:
        return self.from_time is None and not self.districts

    @property
    def scope(self) -> str:
        hours = (
            f"{self.from_time:%H:%M}-{self.until_time:%H:%M}" if self.from_time and self.until_time else ""
        )
        return "|".join([hours, *sorted(self.districts)])[:500]


def prepare(*, by: Actor, facts: SuspensionFacts, at: datetime | None = None) -> Suspension:
    """Return the suspension unsaved, for the preview and for `announce`. An officer's is of the own county, whatever the facts say.

    Raise OnlyOversight, NotYourSuspension (the operator chose no county), SuspensionBehind, SuspensionBackwards.
    """
    require_oversight(by)
    require_no_number(facts.name, field="name")
    moment = at or clock.now()
    county = facts.county if by.is_operator_hat else by.county
    if county is None:
        raise NotYourSuspension
    if (facts.from_time is None) != (facts.until_time is None):
        raise SuspensionBackwards
    if facts.from_time and facts.until_time and facts.until_time <= facts.from_time:
        raise SuspensionBackwards
    row = Suspension(
        county=county,
        name=facts.name,
        day=facts.day,
        from_time=facts.from_time,
        until_time=facts.until_time,
        districts=sorted(facts.districts),
        scope=facts.scope,
        made_by=by.appointment,
        made_at=moment,
    )
    if row.ends_at <= moment:
        raise SuspensionBehind(day=roc(facts.day))
    return row


@transaction.atomic
def announce(*, by: Actor, facts: SuspensionFacts, at: datetime | None = None) -> tuple[Suspension, Job]:
    """Announce a suspension and postpone its courses in a job. The whole day in all towns is also a day off of the county.

    Raise what `prepare` raises, AlreadySuspended.
    """
    by = lock_actor(by)
    row = prepare(by=by, facts=facts, at=at)
    if facts.is_whole_day_everywhere:
        row.day_off = _day_off(by, row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise AlreadySuspended from None
    after = {"day": row.day, "hours": row.scope.partition("|")[0], "towns": row.districts, "name": row.name}
    log.record("suspension.announce", row, by=by, unit_id=by.unit_id, after=after)
    return row, _start(by, row)


def _day_off(by: Actor, row: Suspension) -> DayOff | None:
    """Return the day off of the county; None when one was added before, which stays whatever becomes of the suspension."""
    try:
        with transaction.atomic():
            return days_off.add(by=by, day=row.day, name=row.name, county=row.county)
    except DayAlreadyAdded:
        return None


def _start(by: Actor, row: Suspension) -> Job:
    return actions.start(
        JOB, by=by, parameters={"suspension": row.pk}, total=suspensions.left_of(row).count()
    )


@transaction.atomic
def go_on(*, by: Actor, suspension: Suspension) -> Job:
    """Do what a job that was cancelled has left out. Raise OnlyOversight, NotYourSuspension."""
    by = lock_actor(by)
    suspension = lock_suspension(suspension)
    require_own(by, suspension)
    return _start(by, suspension)


@transaction.atomic
def take_back(*, by: Actor, suspension: Suspension, at: datetime | None = None) -> Job:
    """Take a suspension back before it begins: the courses that wait for new days are held as planned, by a job.

    A course whose new days were chosen keeps them. Raise OnlyOversight, NotYourSuspension, SuspensionEnded, SuspensionBegun.
    """
    by = lock_actor(by)
    moment = at or clock.now()
    day_off = DayOff.objects.filter(pk=suspension.day_off_id or 0, ended_at=None).first()
    if day_off:
        require_own(by, suspension)
        days_off.take_back(row=day_off, by=by)
    suspension = lock_suspension(suspension)
    require_own(by, suspension)
    if suspension.ended_at:
        raise SuspensionEnded
    if suspension.starts_at <= moment:
        raise SuspensionBegun
    suspension.ended_at = moment
    suspension.save(update_fields=["ended_at"])
    log.record("suspension.take_back", suspension, by=by, unit_id=by.unit_id, before={"day": suspension.day})
    return _start(by, suspension)


def require_own(by: Actor, suspension: Suspension) -> None:
    """Raise OnlyOversight, NotYourSuspension."""
    require_oversight(by)
    if not by.is_operator_hat and not by.oversees_county(suspension.county_id):
        raise NotYourSuspension
