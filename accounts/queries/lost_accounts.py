"""The business accounts that a person no longer has in force."""

from collections.abc import Callable

from accounts.acting import Actor
from accounts.models import BusinessAccount, User


def lost_account(user: User, allowed: Callable[[Actor], bool]) -> BusinessAccount | None:
    """Return the person's latest account that is not in force and that would open a page; None where one in force does."""
    mine = BusinessAccount.objects.filter(user_id=user.pk).select_related("unit", "user").order_by("-id")
    fitting = [account for account in mine if allowed(Actor(user, account))]
    if any(account.is_active() for account in fitting):
        return None
    return next(iter(fitting), None)
