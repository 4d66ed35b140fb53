"""辦公日曆表: notify the operators when the registration form lacks a year's work calendar."""

from datetime import datetime

from django.urls import reverse

from accounts.enums import Role
from accounts.models import BusinessAccount
from kit import clock
from kit.holidays import missing_year
from notices import outbox


def notify_operators(at: datetime | None = None) -> int:
    """Notify each operator once about a missing year of the work calendar; return how many notices were written."""
    year = missing_year(clock.today(at))
    if year is None:
        return 0
    operators = BusinessAccount.objects.active(clock.today(at)).filter(role=Role.OPERATOR)
    return outbox.write(
        outbox.NewNotice(
            kind="calendar_missing",
            to=account.user,
            about=f"calendar:{year}",
            event=year,
            path=reverse("courses:operator"),
            context={"year": year - clock.ROC_OFFSET},
        )
        for account in operators.select_related("user")
    )
