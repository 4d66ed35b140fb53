"""Keys for programs: made by a person, shown once, kept as a hash, ended at any time."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor
from accounts.enums import KeyScope
from accounts.errors import NotYourAccount
from accounts.locks import queue_person
from accounts.models import ApiToken, BusinessAccount, User
from audit import log
from kit import clock
from kit.digests import digest_of
from kit.errors import Refusal

DAYS = 90
MOST = 10


class TooManyKeys(Refusal):
    sentence = _("At most %(most)s keys at a time: end one you no longer need.")


@transaction.atomic
def make(
    *, by: Actor, name: str, account: BusinessAccount | None = None, scope: str = KeyScope.ACT
) -> tuple[ApiToken, str]:
    """Create a key and return its text, which is never shown again.

    With an `account` of the person the key belongs to its unit: it uses that account alone and ends with it. Without one it is for
    the person's own matters. Raise TooManyKeys or NotYourAccount.
    """
    queue_person(by.user.pk)
    now = clock.now()
    if account and not BusinessAccount.objects.active().filter(pk=account.pk, user=by.user).exists():
        raise NotYourAccount
    if ApiToken.objects.usable(now).filter(user=by.user).count() >= MOST:
        raise TooManyKeys(most=MOST)
    text = f"ist_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=by.user,
        name=name,
        digest=digest_of(text),
        for_business=account is not None,
        account=account,
        scope=scope,
        created_at=now,
        expires_at=now + timedelta(days=DAYS),
    )
    after = {"name": name, "account": account and account.number, "scope": scope}
    log.record("token.made", token, by=by, after=after)
    return token, text


@transaction.atomic
def revoke(*, by: Actor, pk: int) -> bool:
    """End an own key. Return whether it was still in use."""
    row = ApiToken.objects.filter(user=by.user, pk=pk).first()
    if row is None or not ApiToken.objects.filter(pk=pk, revoked_at=None).update(revoked_at=clock.now()):
        return False
    log.record("token.revoked", row, by=by)
    return True


def revoke_all(user: User, *, why: str) -> int:
    """End every key of a person, because what proved the person has changed. Return how many ended; recorded when any did."""
    ended = ApiToken.objects.usable(clock.now()).filter(user=user).update(revoked_at=clock.now())
    if ended:
        log.record("token.revoked", user, by=None, subjects=[user.pk], after={"why": why, "keys": ended})
    return ended


def find(text: str) -> ApiToken | None:
    """Return the usable key of this text; its last use is noted once a minute. A key of an account is usable while that is in force."""
    now = clock.now()
    rows = ApiToken.objects.usable(now).filter(digest=digest_of(text))
    token = rows.select_related("user", "account").first()
    if token and token.account and not token.account.is_active():
        return None
    if token and (token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1)):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
