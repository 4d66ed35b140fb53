"""Whether a session may act through business accounts. `signin` registers its check of a session; without any check no session may."""

from collections.abc import Callable

from django.http import HttpRequest

from accounts.models import User

Check = Callable[[HttpRequest, User], bool]
_checks: list[Check] = []


def register(check: Check) -> None:
    """Add a check that each session has to pass. Registering it again changes nothing."""
    if check not in _checks:
        _checks.append(check)


def may_act_for_business(request: HttpRequest, user: User) -> bool:
    """Return whether this session of the person passes every check."""
    return bool(_checks) and all(check(request, user) for check in _checks)
