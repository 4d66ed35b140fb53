"""What follows a log-in, a log-out, a new password or key: session clocks, the record, the end of other sessions."""

import logging
from collections.abc import Sequence
from typing import Any, cast

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa import signals as mfa_signals
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount import signals as social_signals
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import signals as auth_signals
from django.db.models.signals import pre_save
from django.http import HttpRequest

from accounts.acting import Actor
from accounts.actions.identities import Was
from accounts.change_signals import access_ended, identity_changed, people_added, people_invited
from accounts.models import Unit, User
from audit import log
from audit.trace import client_address
from kit import clock
from signin import education, sessions
from signin.actions import (
    devices,
    first_login_links,
    invitations,
    last_log_ins,
    mailboxes,
    throttles,
    tokens,
)
from signin.actions.identity_changes import end_proofs
from signin.actions.sessions import end_all

logger = logging.getLogger(__name__)


def note_last_login(sender: Any, user: User, **_: Any) -> None:
    """Keep the moment of a log-in, in place of Django's own receiver: now, or by a task as soon as no other act holds the person."""
    user.last_login = clock.now()
    if last_log_ins.keep_last_login(user.pk, user.last_login):
        return
    from signin.tasks import keep_last_login

    try:
        keep_last_login.delay(user.pk, user.last_login.isoformat())
    except Exception:  # noqa: BLE001 - whatever error the broker raises, the log-in is in the record
        logger.exception("the moment of a log-in was not kept", extra={"person": user.pk})


def logged_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    sessions.note_login(request, user)
    methods = [record.get("method") for record in get_authentication_records(request, user)]
    log.record("login.ok", user, by=Actor(user), after={"methods": methods})


def logged_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None and user.pk:
        log.record("login.out", user, by=Actor(user))


def password_changed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    end_all(user, why="password changed", but_key=request.session.session_key)
    tokens.revoke_all(user, why="password changed")
    log.record("password.changed", user, by=Actor(user))


def password_reset(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """Note that the reset link proved the mailbox; end the sessions and keys that the old password opened."""
    mailboxes.mark_mailboxes_proved([user])
    sessions.know_browser(request, user)
    device = devices.digest_of(cast(sessions.LoginRequest, request).device_token)
    throttles.lift(user=user, address=client_address(request), device=device)
    end_all(user, why="password reset")
    tokens.revoke_all(user, why="password reset")
    log.record("password.reset", user, by=Actor(user))


def authenticator_added(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    """Count the proof of a new key as the second factor of this session."""
    if authenticator.type != "recovery_codes":
        record_authentication(request, user, "mfa", id=authenticator.pk, type=str(authenticator.type))
    log.record("mfa.added", user, by=Actor(user), after={"type": str(authenticator.type)})


def authenticator_removed(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    log.record("mfa.removed", user, by=Actor(user), after={"type": str(authenticator.type)})
    if not is_mfa_enabled(user):
        tokens.revoke_all(user, why="second step removed")


def second_factor_failed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    log.record("mfa.failed", user, by=None, subjects=[user.pk])


def identities_changed(sender: Any, changed: Sequence[Was], **_: Any) -> None:
    end_proofs(changed)


def people_are_new(sender: Any, people: Sequence[User], **_: Any) -> None:
    mailboxes.forget_addresses(people)


def invite(sender: Any, people: Sequence[User], unit_of: dict[int, Unit], by: Actor | None, **_: Any) -> int:
    return invitations.invite(people=people, unit_of=unit_of, by=by)


def end_access(sender: Any, person: User, why: str, **_: Any) -> None:
    """End what lets a person in: sessions, keys for programs, links for the first log-in."""
    end_all(person, why=why)
    tokens.revoke_all(person, why=why)
    first_login_links.void([person])


def connect() -> None:
    access_ended.connect(end_access, dispatch_uid="signin.access_ended")
    people_invited.connect(invite, dispatch_uid="signin.people_invited")
    identity_changed.connect(identities_changed, dispatch_uid="signin.identity_changed")
    people_added.connect(people_are_new, dispatch_uid="signin.people_added")
    auth_signals.user_logged_in.disconnect(dispatch_uid="update_last_login")
    auth_signals.user_logged_in.connect(note_last_login, dispatch_uid="signin.last_log_in")
    auth_signals.user_logged_in.connect(logged_in, dispatch_uid="signin.logged_in")
    auth_signals.user_logged_out.connect(logged_out, dispatch_uid="signin.logged_out")
    account_signals.password_changed.connect(password_changed, dispatch_uid="signin.password_changed")
    account_signals.password_set.connect(password_changed, dispatch_uid="signin.password_set")
    account_signals.password_reset.connect(password_reset, dispatch_uid="signin.password_reset")
    mfa_signals.authenticator_added.connect(authenticator_added, dispatch_uid="signin.key_added")
    mfa_signals.authenticator_removed.connect(authenticator_removed, dispatch_uid="signin.key_removed")
    social_signals.social_account_added.connect(education.connected, dispatch_uid="signin.connected")
    social_signals.social_account_removed.connect(education.disconnected, dispatch_uid="signin.disconnected")
    pre_save.connect(education.refuse_second, sender=SocialAccount, dispatch_uid="signin.one_an_issuer")
    mfa_signals.authentication_failed.connect(second_factor_failed, dispatch_uid="signin.key_failed")
