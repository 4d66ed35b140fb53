"""辦公日曆表: the operators are told when the registration form lacks a year's work calendar."""

from datetime import datetime

from django.urls import reverse

from accounts.enums import Role
from accounts.models import BusinessAccount
from kit import clock
from kit.holidays import missing_year
from notices import outbox


def watch(at: datetime | None = None) -> int:
    """Tell each operator once about a year whose calendar is wanted and not known; return how many were told now."""
    year = missing_year(clock.today(at))
    if year is None:
        return 0
    operators = BusinessAccount.objects.active(clock.today(at)).filter(role=Role.OPERATOR)
    return outbox.write(
        outbox.Letter(
            kind="calendar_missing",
            to=account.user,
            about=f"calendar:{year}",
            event=year,
            path=reverse("courses:operator"),
            context={"year": year - clock.ROC_OFFSET},
        )
        for account in operators.select_related("user")
    )
