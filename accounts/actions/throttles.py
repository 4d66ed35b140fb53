"""Failed log-ins are counted before a password is hashed, and nobody can lock a stranger out for good.

Each attempt first claims a place under its limits by a conditional UPDATE, as a seat is claimed; a success gives it back. Three keys
count: the account (five failures lock it for a quarter of an hour), the pair of address and account, and the address. A browser the
person has logged in with before has its own count in the account's place, so a stranger who fails on purpose does not shut the
owner out; a password reset by e-mail lifts the lock as well.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Throttle, User
from audit import log
from inservice import clock
from inservice.errors import Refusal
from notices import outbox


class TooManyAttempts(Refusal):
    sentence = _(
        "Too many failed attempts. Wait %(minutes)s minutes, or reset the password by e-mail, which lifts the lock at once."
    )
    status = 429


@dataclass(frozen=True)
class Limit:
    """So many failures, each less than `hold` after the one before it, close the key until `hold` after the last."""

    key: str
    most: int
    hold: timedelta
    is_address: bool = False


def limits(*, login: str, address: str, device: str = "") -> list[Limit]:
    """The limits an attempt falls under. `login` is the person's number or the text typed; `device` a known browser's digest."""
    hold = timedelta(minutes=settings.LOGIN_LOCK_MINUTES)
    own = f"device:{device}:{login}" if device else f"account:{login}"
    return [
        Limit(_key(own), settings.LOGIN_LOCK_AFTER, hold),
        Limit(_key(f"pair:{address}:{login}"), 2 * settings.LOGIN_LOCK_AFTER, timedelta(hours=1)),
        Limit(_key(f"address:{address}"), settings.LOGIN_ADDRESS_LIMIT, hold, is_address=True),
    ]


def _key(text: str) -> str:
    return hmac.new(settings.ID_PEPPER.encode(), text.encode(), hashlib.sha256).hexdigest()[:48]


def claim(wanted: list[Limit]) -> None:
    """Take one attempt under every limit, or none. Raises TooManyAttempts."""
    taken: list[Limit] = []
    for limit in wanted:
        if not _take(limit):
            _give_back(taken)
            raise TooManyAttempts(minutes=settings.LOGIN_LOCK_MINUTES)
        taken.append(limit)


def _take(limit: Limit) -> bool:
    now = clock.now()
    rows = Throttle.objects.filter(key=limit.key)
    Throttle.objects.bulk_create([Throttle(key=limit.key, failures=0, until=now)], ignore_conflicts=True)
    if rows.filter(until__lte=now).update(failures=1, until=now + limit.hold):
        return True
    return bool(
        rows.filter(failures__lt=limit.most).update(failures=F("failures") + 1, until=now + limit.hold)
    )


def _give_back(taken: list[Limit]) -> None:
    keys = [limit.key for limit in taken]
    Throttle.objects.filter(key__in=keys, failures__gt=0).update(failures=F("failures") - 1)


def succeeded(claimed: list[Limit]) -> None:
    """The password was right: account and pair count from nought; the address gets this one attempt back."""
    _give_back([limit for limit in claimed if limit.is_address])
    Throttle.objects.filter(key__in=[limit.key for limit in claimed if not limit.is_address]).delete()


def failed(claimed: list[Limit], user: User | None) -> None:
    """The password was wrong: recorded; when this failure closed the account, the person is told once a day."""
    own = claimed[0]
    locked = Throttle.objects.filter(key=own.key, failures__gte=own.most).exists()
    action = "login.locked" if locked else "login.failed"
    if user is None:
        log.record(action, Throttle(key=own.key), by=None)
        return
    log.record(action, user, by=None, subjects=[user.pk])
    if locked:
        outbox.write(
            [
                outbox.Letter(
                    kind="login_locked",
                    to=user,
                    about=f"user:{user.pk}",
                    day=clock.today(),
                    path=reverse("account_reset_password"),
                    context={"minutes": settings.LOGIN_LOCK_MINUTES},
                )
            ]
        )


def lift(*, user: User, address: str, device: str = "") -> None:
    """A reset by e-mail proved the mailbox: the person's locks end, at this address too."""
    login = str(user.pk)
    for known in ("", device):
        keys = [
            limit.key for limit in limits(login=login, address=address, device=known) if not limit.is_address
        ]
        Throttle.objects.filter(key__in=keys).delete()


def forget_old() -> int:
    """Remove counters that count nothing any more."""
    return Throttle.objects.filter(until__lt=clock.now() - timedelta(days=1)).delete()[0]
