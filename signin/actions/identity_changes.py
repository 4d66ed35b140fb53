"""What ends when a person's name, e-mail or numbers change, in the transaction of the change (`accounts.change_signals`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings

from accounts.actions.identities import Was
from accounts.models import ApiToken, User
from signin.actions import first_login_links, mailboxes, tokens
from signin.actions.sessions import end_all


def end_proofs(changed: Sequence[Was]) -> None:
    """End what proved the former person: links for the first log-in, addresses of the log-in library, sessions, keys, log-ins found through a number."""
    gone = {one.person.pk: one.person for one in changed if one.proof_is_gone}
    first_login_links.void(list(gone.values()))
    mailboxes.move_addresses([one for one in changed if "email" in one.changes])
    for pk in _with(UserSession, gone):
        end_all(gone[pk], why="identity")
    for pk in _with(ApiToken, gone, revoked_at=None):
        tokens.revoke_all(gone[pk], why="identity")
    by_number = [name for name, one in settings.OIDC_ISSUERS_BY_ID.items() if one.get("national_id_claim")]
    renumbered = [one.person.pk for one in changed if {"national_id", "passport"} & one.changes.keys()]
    if by_number and renumbered:
        SocialAccount.objects.filter(user__in=set(renumbered) & gone.keys(), provider__in=by_number).delete()


def _with(model: Any, people: Mapping[int, User], **more: Any) -> list[int]:
    """Return the people who have a row of this model, by primary key."""
    rows = model.objects.filter(user_id__in=people, **more)
    return sorted(set(rows.values_list("user_id", flat=True)))
