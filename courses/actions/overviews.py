"""What the overviews by the clock have in common: they are for the holder of one account, and of their day."""

from collections.abc import Sequence

from accounts.models import BusinessAccount
from kit import clock
from kit.holidays import DAY
from notices.models import Notice


def is_of_today(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """An overview leaves within a day of being made, while the account that its first ref names is in force."""
    ids = [notice.first_number for notice in notices]
    active = set(BusinessAccount.objects.active().filter(pk__in=ids).values_list("pk", flat=True))
    now = clock.now()
    return {
        notice.pk: None
        for notice, pk in zip(notices, ids, strict=True)
        if pk not in active or now - notice.created_at > DAY
    }
