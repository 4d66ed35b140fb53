"""The clock's notices that a key for programs ends: a fortnight and a day before, as a program that stops in the night helps nobody."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.models import ApiToken, BusinessAccount
from kit import clock
from notices import outdated
from notices.models import Notice
from notices.timed import Batch
from notices.writer import NewNotice

KIND = "key_ends"
# Days before the day on which the key ends. A day on which nothing was prepared is caught up.
EARLY, LATE = 14, 1
AT_ONCE = 500


def batch(day: date, cursor: int) -> Batch:
    """Return the notices of some of the keys that are usable and end soon; each of the two is written once a key."""
    now, until = clock.at_taipei(day), clock.at_taipei(day + timedelta(days=EARLY + 1))
    in_force = Q(account=None) | Q(account__in=BusinessAccount.objects.active(day))
    rows = ApiToken.objects.usable(now).filter(in_force, expires_at__lt=until, pk__gt=cursor)
    found = list(rows.select_related("user", "account__unit").order_by("pk")[:AT_ONCE])
    notices = [_notice(row, day) for row in found]
    return Batch(notices, found[-1].pk if len(found) == AT_ONCE else None)


def _notice(key: ApiToken, day: date) -> NewNotice:
    ends = clock.day_of(key.expires_at)
    step = "day" if ends - day <= timedelta(days=LATE) else "fortnight"
    return NewNotice(
        kind=KIND,
        to=key.user,
        about=f"key:{key.pk}",
        event=step,
        refs=[f"key:{key.pk}:{step}"],
        path=reverse("signin:security"),
        context={
            "key": key.name,
            "ends": key.expires_at,
            "unit": key.account.unit.name if key.account else "",
        },
    )


@outdated.recheck(KIND)
def still_ends(notices: Sequence[Notice]) -> Mapping[int, tuple[str, str] | None]:
    """A reminder of a key that was ended or has ended meanwhile is not sent."""
    keys = {notice.pk: notice.object_number for notice in notices}
    usable = set(
        ApiToken.objects.usable(clock.now()).filter(pk__in=keys.values()).values_list("pk", flat=True)
    )
    return {notice: None for notice, key in keys.items() if key not in usable}
