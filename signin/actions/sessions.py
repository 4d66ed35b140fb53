"""Ending sessions of a person: an own one from the list, or all of them."""

from allauth.usersessions.models import UserSession

from accounts.acting import Actor
from accounts.models import User
from audit import log


def end_one(*, by: Actor, pk: int, current_key: str | None) -> bool:
    """End another session of the acting person; return whether it was there."""
    row = UserSession.objects.filter(user=by.user, pk=pk).exclude(session_key=current_key or "").first()
    if row is None:
        return False
    row.end()
    log.record("session.ended", by.user, by=by, after={"why": "by the person", "address": row.ip})
    return True


def end_all(user: User, *, why: str, but_key: str | None = None) -> int:
    """End every session of a person but that of `but_key`; return how many ended."""
    rows = list(UserSession.objects.filter(user=user).exclude(session_key=but_key or ""))
    for row in rows:
        row.end()
    if rows:
        log.record(
            "session.ended", user, by=None, subjects=[user.pk], after={"why": why, "sessions": len(rows)}
        )
    return len(rows)
