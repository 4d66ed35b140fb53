"""The codes of sign-in and sign-out: what the projector shows, what a scan leaves in a browser, and a person's own code.

Nothing is stored: a code is signed with the secret of the site and follows from the session, the kind and the time.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from courses.models import Session
from hours.enums import SignKind
from kit import clock

# The code changes every quarter of a minute and is good for three of them; a scan waits two minutes for its person to log in.
STEP, STEPS_GOOD = 15, 3
PENDING = timedelta(minutes=2)
# A person's own code changes every minute and is good until the end of the next one.
OWN_STEP, OWN_STEPS_GOOD = 60, 2
NUMBER_DIGITS, OWN_DIGITS = 6, 8
SCREEN_SALT = "sign-screen"
CODE_SALT, NUMBER_SALT, PENDING_SALT, OWN_SALT = "sign-code", "sign-number", "sign-pending", "sign-own"


class Scan(NamedTuple):
    """A valid code, and the moment at which it was scanned."""

    session: int
    kind: str
    at: datetime


def window_of(session: Session) -> tuple[datetime, datetime]:
    """Return from when until when people sign in to and out of a session."""
    around = timedelta(minutes=settings.SIGN_WINDOW_MINUTES)
    return session.starts_at - around, session.ends_at + around


def is_open(session: Session, at: datetime) -> bool:
    """Return whether people sign in to and out of a session at a moment; never of one that is postponed."""
    first, last = window_of(session)
    return session.suspension_id is None and first <= at <= last


def code_of(session: int, kind: str, at: datetime) -> str:
    """Return the code to be scanned at a moment."""
    return signing.Signer(salt=CODE_SALT).sign(f"{session}-{kind}-{_step(at, STEP)}")


def number_of(session: int, kind: str, at: datetime) -> str:
    """Return the six digits to be typed at a moment."""
    return _digits(NUMBER_SALT, f"{session}-{kind}-{_step(at, STEP)}", NUMBER_DIGITS)


def read_code(code: str, at: datetime) -> Scan | None:
    """Return the scan of a code that is good at this moment; None for any other text."""
    try:
        session, kind, step = signing.Signer(salt=CODE_SALT).unsign(code).split("-")
        age = _step(at, STEP) - int(step)
    except (signing.BadSignature, ValueError):
        return None
    return Scan(int(session), kind, at) if 0 <= age < STEPS_GOOD else None


def read_number(number: str, session: int, at: datetime) -> Scan | None:
    """Return the kind for which a number is good in a session now; None for a wrong one."""
    times = [at - timedelta(seconds=STEP * age) for age in range(STEPS_GOOD)]
    for kind in SignKind.values:
        if any(constant_time_compare(number_of(session, kind, t), number) for t in times):
            return Scan(session, kind, at)
    return None


def pending_token(scan: Scan, phone: str) -> str:
    """Return a scan as it waits in the browser that has this mark of a phone."""
    facts = [scan.session, scan.kind, scan.at.timestamp(), phone]
    return signing.dumps(facts, salt=PENDING_SALT)


def read_pending(text: str, phone: str, at: datetime) -> Scan | None:
    """Return a scan that waited; None if it is forged, of another browser, or older than two minutes."""
    try:
        session, kind, scanned, owner = signing.loads(text, salt=PENDING_SALT)
    except (signing.BadSignature, ValueError):
        return None
    moment = datetime.fromtimestamp(scanned, UTC)
    is_good = bool(phone) and owner == phone and moment <= at <= moment + PENDING
    return Scan(session, kind, moment) if is_good else None


def own_code_of(person: int, session: int, at: datetime) -> str:
    """Return the digits by which an organiser finds a person who is at a session."""
    return _digits(OWN_SALT, f"{person}-{session}-{_step(at, OWN_STEP)}", OWN_DIGITS)


def owners_of(code: str, session: int, people: Iterable[int], at: datetime) -> list[int]:
    """Return the people whose own code this is; two are possible, though unlikely."""
    times = [at - timedelta(seconds=OWN_STEP * age) for age in range(OWN_STEPS_GOOD)]
    return [pk for pk in people if any(own_code_of(pk, session, t) == code for t in times)]


def seconds_left(at: datetime, step: int = STEP) -> int:
    """Return the seconds until the code changes."""
    return step - int(at.timestamp()) % step


def _step(at: datetime, length: int) -> int:
    return int(at.timestamp()) // length


def _digits(salt: str, text: str, length: int) -> str:
    digest = hashlib.sha256(signing.Signer(salt=salt).signature(text).encode()).digest()
    return f"{int.from_bytes(digest[:8]) % 10**length:0{length}d}"


def screen_token(session: int, account: int, at: datetime) -> str:
    """Return the token under which a screen shows the codes of a session on this Taipei day, without a log-in."""
    return signing.dumps([session, account, clock.day_of(at).isoformat()], salt=SCREEN_SALT)


def read_screen_token(token: str, at: datetime) -> tuple[int, int] | None:
    """Return the session and the account that opened the screen; None for another text or the token of another day."""
    try:
        session, account, day = signing.loads(token, salt=SCREEN_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return (session, account) if day == clock.day_of(at).isoformat() else None
