"""The conditions of a session for a business hat: a second factor, a password that is not too old.

Checked on each request, so a session without the second step acts as a teacher only, in pages and API alike.
"""

from enum import StrEnum

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from accounts.models import User
from kit import clock
from signin.passwords import business_profile, is_too_old


class Lack(StrEnum):
    SET_UP_MFA = "set_up_mfa"
    CONFIRM_MFA = "confirm_mfa"
    RENEW_PASSWORD = "renew_password"  # noqa: S105 - a name


def passed_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this session has shown a code, a recovery code or a passkey."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def confirmed_lately(request: HttpRequest, user: User) -> bool:
    """Whether the person logged in or confirmed to be themselves within the last minutes (ACCOUNT_REAUTHENTICATION_TIMEOUT)."""
    records = get_authentication_records(request, user)
    newest = max((record["at"] for record in records), default=0)
    return bool(clock.now().timestamp() - newest < app_settings.REAUTHENTICATION_TIMEOUT)


def is_ready(request: HttpRequest, user: User) -> bool:
    """Return whether this session may use business hats. No query."""
    profile = business_profile()
    if profile.mfa and not passed_second_factor(request, user):
        return False
    return not is_too_old(user, profile)


def lacks(request: HttpRequest, user: User) -> list[Lack]:
    """What is missing, in the order in which the person mends it."""
    profile = business_profile()
    found = []
    if profile.mfa and not passed_second_factor(request, user):
        found.append(Lack.CONFIRM_MFA if is_mfa_enabled(user) else Lack.SET_UP_MFA)
    if is_too_old(user, profile):
        found.append(Lack.RENEW_PASSWORD)
    return found
