"""Count wrong secrets typed inside a session as failed log-ins, so that a thief of a session cannot guess the password in it."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.models import User
from audit.trace import client_address
from signin.actions import throttles
from signin.actions.throttles import Attempt


def attempt_of(request: HttpRequest, user: User | None, typed: str = "") -> Attempt:
    """An attempt on this person's secrets in the browser of this request."""
    token = request.COOKIES.get(settings.DEVICE_COOKIE, "")
    return Attempt.of(user, typed=typed, address=client_address(request), token=token)


def password_is_right(request: HttpRequest, user: User, password: str, *, where: str) -> bool:
    """Whether the password is the person's. Raise ValidationError while the lock holds.

    A wrong one counts for this browser, and for the account as well, so that the log-in elsewhere is locked after five.
    """
    attempt = attempt_of(request, user)
    claimed = attempt.limits()
    _claim(claimed, throttles.TooManyAttempts)
    if user.check_password(password):
        throttles.succeeded(claimed)
        return True
    throttles.failed(claimed, user, where=where)
    if attempt.device:
        throttles.count(Attempt(attempt.login, attempt.address).limits()[:1])
    return False


def code_checked(request: HttpRequest, user: User, check: Callable[[], str]) -> str:
    """Run the check of a code of the second step. Raises what it raises, and ValidationError while the lock holds."""
    claimed = attempt_of(request, user).limits(throttles.CODE)
    _claim(claimed, throttles.TooManyCodes)
    try:
        code = check()
    except ValidationError:
        throttles.code_failed(claimed, user)
        raise
    throttles.succeeded(claimed)
    return code


def _claim(limits: list[throttles.Limit], refusal: type[throttles.TooManyAttempts]) -> None:
    try:
        throttles.claim(limits, refusal)
    except throttles.TooManyAttempts as refused:
        raise ValidationError(refused.message, code="too_many_login_attempts") from None
