"""Failed log-ins are counted before a password is hashed, and a stranger cannot lock a person out for good.

Each attempt first claims a place under its limits by a conditional UPDATE, as a seat is claimed; a success gives it back. Three keys
count: the account (five failures lock it for a quarter of an hour), the pair of address and account, and the address.

A browser that the person has logged in with, or has reset the password in, has counts of its own in place of all three: neither a
stranger who fails on purpose nor a machine that tries invented log-ins from a school's address shuts the owner out. For an hour after
a reset by e-mail the person's attempts do not fall under the limit of an address in other browsers either.
"""

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Throttle, User
from audit import log
from kit import clock
from kit.errors import Refusal
from notices import outbox
from signin.actions import devices

HOUR = timedelta(hours=1)
PASSWORD, CODE = "", "code:"  # What is guessed; the prefix of its counters' keys.


class TooManyAttempts(Refusal):
    sentence = _(
        "Too many failed attempts. Wait %(minutes)s minutes, or reset the password by e-mail, which lifts the lock at once."
    )
    status = 429


class TooManyCodes(TooManyAttempts):
    sentence = _("Too many wrong codes. Wait %(minutes)s minutes.")


class TooManyResets(TooManyAttempts):
    sentence = _(
        "A link was sent to this e-mail several times within the hour. Use the newest one, or wait %(minutes)s minutes."
    )


@dataclass(frozen=True)
class Limit:
    """So many failures, each less than `hold` after the one before it, close the key until `hold` after the last.

    A `fixed` limit counts from its first failure: what many people share is open again after `hold`, however busy it is.
    """

    key: str
    most: int
    hold: timedelta
    is_address: bool = False

    @property
    def fixed(self) -> bool:
        return self.is_address


@dataclass(frozen=True)
class Attempt:
    """Who tries to log in, where and in which browser. `login` is the person's number, or the typed text of an unknown one."""

    login: str
    address: str
    device: str = ""
    was_reset: bool = False

    @classmethod
    def of(cls, user: User | None, *, typed: str, address: str, token: str) -> "Attempt":
        """Return the attempt of a known or unknown person, in the browser of this cookie."""
        if user is None:
            return cls(typed.lower(), address)
        known = devices.digest_of(token) if devices.is_known(user, token) else ""
        return cls(str(user.pk), address, known, not known and _was_reset(user))

    def limits(self, what: str = PASSWORD) -> list[Limit]:
        """The limits of an attempt; the first is the one that locks."""
        hold, most = timedelta(minutes=settings.LOGIN_LOCK_MINUTES), settings.LOGIN_LOCK_AFTER
        if self.device:
            own = f"{what}device:{self.device}:{self.login}"
            return [Limit(_key(own), most, hold), Limit(_key(f"hour:{own}"), 2 * most, HOUR)]
        limits = [
            Limit(_key(f"{what}account:{self.login}"), most, hold),
            Limit(_key(f"{what}pair:{self.address}:{self.login}"), 2 * most, HOUR),
        ]
        if what == PASSWORD and not self.was_reset:
            address = _key(f"{what}address:{self.address}")
            limits.append(Limit(address, settings.LOGIN_ADDRESS_LIMIT, hold, is_address=True))
        return limits

    def reset_limits(self) -> list[Limit]:
        """Return the limits of requests for a password reset. A stranger's requests do not use up the owner's."""
        if self.device:
            return [Limit(_key(f"reset:device:{self.device}:{self.login}"), 5, HOUR)]
        return [
            Limit(_key(f"reset:pair:{self.address}:{self.login}"), 5, HOUR),
            Limit(_key(f"reset:mailbox:{self.login}"), 20, HOUR),
        ]


def unknown_mailbox_limit(address: str) -> Limit:
    """Return how many e-mails to unknown mailboxes one address may cause in an hour."""
    return shared_limit("reset:unknown", address, most=60)


def shared_limit(what: str, address: str, *, most: int) -> Limit:
    """Return a limit of what one address may do in an hour, which many people may share."""
    return Limit(_key(f"{what}:{address}"), most, HOUR, is_address=True)


def person_limit(what: str, person: int, *, most: int) -> Limit:
    """Return a limit of what one person may get wrong, half a day from the last time."""
    return Limit(_key(f"{what}:{person}"), most, 12 * HOUR)


def _key(text: str) -> str:
    return hmac.new(settings.ID_PEPPER.encode(), text.encode(), hashlib.sha256).hexdigest()[:48]


def claim(wanted: list[Limit], refusal: type[Refusal] = TooManyAttempts) -> None:
    """Take one attempt under every limit, or none. Raises the refusal, which names the time that is left."""
    taken: list[Limit] = []
    for limit in wanted:
        if not _count_try(limit):
            _give_back(taken)
            raise refusal(minutes=_minutes_left(wanted))
        taken.append(limit)


def count(limits: list[Limit]) -> None:
    """Count a failure under these limits, whether they are closed or not."""
    for limit in limits:
        _count_try(limit)


def _count_try(limit: Limit) -> bool:
    now = clock.now()
    rows = Throttle.objects.filter(key=limit.key)
    Throttle.objects.bulk_create([Throttle(key=limit.key, failures=0, until=now)], ignore_conflicts=True)
    if rows.filter(until__lte=now).update(failures=1, until=now + limit.hold):
        return True
    later = {} if limit.fixed else {"until": now + limit.hold}
    return bool(rows.filter(failures__lt=limit.most).update(failures=F("failures") + 1, **later))


def _minutes_left(limits: list[Limit]) -> int:
    """Whole minutes until every one of these limits is open again, at least one."""
    now, most = clock.now(), {limit.key: limit.most for limit in limits}
    closed = [
        row.until
        for row in Throttle.objects.filter(key__in=most, until__gt=now)
        if row.failures >= most[row.key]
    ]
    return max(1, math.ceil((max(closed, default=now) - now) / timedelta(minutes=1)))


def _give_back(taken: list[Limit]) -> None:
    keys = [limit.key for limit in taken]
    Throttle.objects.filter(key__in=keys, failures__gt=0).update(failures=F("failures") - 1)


def succeeded(claimed: list[Limit]) -> None:
    """The secret was right: account, pair and browser count from nought; the address gets this one attempt back."""
    _give_back([limit for limit in claimed if limit.is_address])
    Throttle.objects.filter(key__in=[limit.key for limit in claimed if not limit.is_address]).delete()


def failed(claimed: list[Limit], user: User | None, *, where: str = "") -> None:
    """Record a wrong password; when it closed the account, send the person a notice, once a day.

    `where` names the page when it is not the log-in.
    """
    locked = _is_closed(claimed[0])
    action = "login.locked" if locked else "login.failed"
    if user is None:
        log.record(action, Throttle(key=claimed[0].key), by=None)
        return
    log.record(action, user, by=None, subjects=[user.pk], after={"where": where} if where else {})
    if locked:
        _notify_of_lock(user)


def code_failed(claimed: list[Limit], user: User) -> None:
    """A code of the second step was wrong. Each is recorded where it is checked (`signin.signals`); here the lock is."""
    if _is_closed(claimed[0]):
        log.record("login.locked", user, by=None, subjects=[user.pk], after={"where": "second step"})
        _notify_of_lock(user)


def _is_closed(limit: Limit) -> bool:
    return Throttle.objects.filter(key=limit.key, failures__gte=limit.most).exists()


def _notify_of_lock(user: User) -> None:
    outbox.write(
        [
            outbox.NewNotice(
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
    """A reset by e-mail proved the mailbox: the person's locks end, and for an hour the limit of an address does not count."""
    login = str(user.pk)
    attempts = [Attempt(login, address), *([Attempt(login, address, device)] if device else [])]
    keys = [limit.key for each in attempts for limit in each.limits() if not limit.is_address]
    Throttle.objects.filter(key__in=keys).delete()
    Throttle.objects.update_or_create(
        key=_reset_key(user), defaults={"failures": 0, "until": clock.now() + HOUR}
    )


def _reset_key(user: User) -> str:
    return _key(f"reset:done:{user.pk}")


def _was_reset(user: User) -> bool:
    """Whether the person has reset the password by e-mail within the hour."""
    return Throttle.objects.filter(key=_reset_key(user), until__gt=clock.now()).exists()


def forget_old() -> int:
    """Remove counters that count nothing any more."""
    return Throttle.objects.filter(until__lt=clock.now() - timedelta(days=1)).delete()[0]
