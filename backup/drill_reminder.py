"""The monthly reminder that no restore was drilled: a backup that nobody restored is a hope."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.urls import reverse

from accounts.enums import Role
from accounts.models import BusinessAccount, User
from backup import runs
from backup.enums import RunKind
from kit import clock
from kit.holidays import workday_from
from notices import outdated
from notices.models import Notice
from notices.timed import Batch
from notices.writer import NewNotice

KIND = "drill_due"
# A drill each month: one of the last day of the month before still counts on the first working day after long holidays.
EVERY = timedelta(days=35)


def is_due(day: date) -> bool:
    """Return whether a day is the first working day of its month."""
    return day == workday_from(day.replace(day=1))


def last_drill_day() -> date | None:
    """Return the day of the last successful drill."""
    run = runs.last(RunKind.DRILL)
    return clock.day_of(run.ended_at) if run else None


def is_missing(last: date | None, day: date) -> bool:
    """Return whether the last successful drill is too long ago on a day, or there was none."""
    return last is None or day - last > EVERY


def batch(day: date, cursor: int) -> Batch:
    """Return the reminder to every operator, if no drill was recorded."""
    last = last_drill_day()
    if not is_missing(last, day):
        return Batch([])
    held = BusinessAccount.objects.active(day).filter(role=Role.OPERATOR).select_related("user")
    people = {account.user_id: account.user for account in held.order_by("pk")}
    return Batch([_notice(person, day, last) for person in people.values()])


def _notice(person: User, day: date, last: date | None) -> NewNotice:
    return NewNotice(
        kind=KIND,
        to=person,
        about="backup:drill",
        day=day,
        path=reverse("checks:system"),
        context={"last": last},
    )


@outdated.recheck(KIND)
def _still_missing(notices: Sequence[Notice]) -> Mapping[int, tuple[str, str] | None]:
    return {} if is_missing(last_drill_day(), clock.today()) else {notice.pk: None for notice in notices}
