"""Log-in through the education system's OpenID Connect providers (`OIDC_ISSUERS`).

A person is matched by verified identity: a log-in connected before, a national ID given by an issuer that is configured to give
it, or an e-mail that a trusted issuer has verified. Never by name. A log-in creates no person. `eduinfo` (school codes and
titles) becomes places of service, which give no right; a business account is applied for.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import requests
from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions import proposals
from accounts.enums import ProposalSource, UnitKind
from accounts.locks import try_person
from accounts.models import Unit, UnitSuccessor, User
from accounts.queries.persons import survivor
from audit import log
from kit import clock
from kit.texts import tidy
from signin.claims import as_kept, hash_of_claim
from signin.readiness import confirmed_lately

# The education system names schools only: that it does not name an office means nothing.
SCHOOLS = (UnitKind.SCHOOL, UnitKind.KINDERGARTEN)
logger = logging.getLogger(__name__)
TIMEOUT = 10


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the issuers, which are in the settings only. Without any, the log-in page does not query the database for them."""
        known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        return super().list_apps(request, provider, client_id) if known else []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """Hide the numbers among the claims before anything of them is stored: the library calls this first."""
        issuer = settings.OIDC_ISSUERS_BY_ID.get(sociallogin.account.provider, {})
        sociallogin.account.extra_data = as_kept(
            sociallogin.account.extra_data, issuer.get("national_id_claim")
        )
        return super().populate_user(request, sociallogin, data)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        issuer = settings.OIDC_ISSUERS_BY_ID.get(sociallogin.account.provider, {})
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            _check_connecting(request, sociallogin)
        elif not sociallogin.is_existing:
            person = match(_claims(sociallogin), issuer)
            if person is None or not _may_connect(person, sociallogin.account):
                raise ImmediateHttpResponse(
                    render(
                        request, "socialaccount/no_match.html", {"issuer": issuer.get("name", "")}, status=403
                    )
                )
            sociallogin.connect(request, person)
        elif sociallogin.user.merged_into_id:
            # Connected with a record that was merged since: it leads to the person.
            sociallogin.user = survivor(sociallogin.user)
        if sociallogin.is_existing and issuer.get("eduinfo_url") and sociallogin.token:
            propose_places(sociallogin.user, fetch_eduinfo(issuer["eduinfo_url"], sociallogin.token.token))


def _check_connecting(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """A person connects a log-in of their own: one an issuer. The library requires a fresh confirmation next, if the person
    has a password or a second step; otherwise the log-in itself must be recent. Raise ImmediateHttpResponse.
    """
    if not request.user.is_authenticated:
        return
    refusal = ""
    if not _may_connect(request.user, sociallogin.account):
        refusal = _(
            "Another log-in of this issuer is already connected with your account. Disconnect it first."
        )
    elif not get_adapter().get_reauthentication_methods(request.user) and not confirmed_lately(
        request, request.user
    ):
        refusal = _("For this you must have logged in just now: log out and in again.")
    if refusal:
        messages.error(request, refusal, fail_silently=True)
        raise ImmediateHttpResponse(redirect("signin:security"))


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    data = sociallogin.account.extra_data or {}
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})} or data


def match(claims: dict[str, Any], issuer: dict[str, Any]) -> User | None:
    """The one person whom the issuer's verified claims name; None when there is none."""
    claim = issuer.get("national_id_claim")
    if claim and claims.get(claim):
        found = hash_of_claim(claims[claim])
        return _in_use(Q(id_hash=found) | Q(passport_hash=found)) if found else None
    if issuer.get("trusts_email") and claims.get("email_verified") is True and claims.get("email"):
        return _in_use(Q(email__iexact=str(claims["email"])))
    return None


def _in_use(same: Q) -> User | None:
    """Return the person who may log in; of a merged record the one whom it belongs to."""
    active = Q(is_active=True) | Q(merged_into__is_active=True)
    found = User.objects.filter(same, active).select_related("merged_into").first()
    return survivor(found) if found else None


def _may_connect(person: User, account: SocialAccount) -> bool:
    """Allow one log-in per issuer and person: a second one would belong to another person."""
    mine = SocialAccount.objects.filter(user=person, provider=account.provider)
    return not mine.exclude(uid=account.uid).exists()


def refuse_second(sender: Any, instance: SocialAccount, **_kwargs: Any) -> None:
    """Refuse a second log-in however it is connected. Raise ValidationError, which the library turns into a sentence."""
    if not _may_connect(instance.user, instance):
        raise ValidationError("another log-in of this issuer is connected", code="second_of_issuer")


def connected(sender: Any, request: HttpRequest, sociallogin: SocialLogin, **_kwargs: Any) -> None:
    _record("login.connected", request, sociallogin.user, sociallogin.account)


def disconnected(sender: Any, request: HttpRequest, socialaccount: SocialAccount, **_kwargs: Any) -> None:
    _record("login.disconnected", request, socialaccount.user, socialaccount)


def _record(action: str, request: HttpRequest, person: User, account: SocialAccount) -> None:
    """Record the connection. The library notifies the person by e-mail; the record names the actor: the person, or the
    issuer at a log-in.
    """
    by = Actor(person) if request.user.is_authenticated and request.user.pk == person.pk else None
    log.record(action, person, by=by, subjects=[person.pk], after={"issuer": account.provider})


def fetch_eduinfo(url: str, token: str) -> Any:
    """The `eduinfo` resource, or nothing when it cannot be had: the log-in does not depend on it."""
    try:
        answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()
    except (requests.RequestException, ValueError) as error:
        logger.warning("eduinfo could not be read: %s", type(error).__name__)
        return None


def posts(eduinfo: Any) -> Iterator[tuple[str, list[str]]]:
    """Return (school code, titles) of an eduinfo response: `schoolid` and `titles[].titles[]`, several schools possible."""
    if not isinstance(eduinfo, dict):
        return
    listed = eduinfo.get("titles")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    for row in rows or [{}]:
        code = str(row.get("schoolid") or eduinfo.get("schoolid") or "").strip().upper()
        titles = row.get("titles")
        if len(code) == 6:
            yield code, [tidy(str(t))[:40] for t in titles if t] if isinstance(titles, list) else []


@transaction.atomic
def propose_places(person: User, eduinfo: Any) -> int:
    """Propose what the schools of an eduinfo response differ in from the person's places; return how many proposals were made.

    A school where the person does not serve is proposed to begin, one that is not named to end, and only if any is named. Nothing
    changes until the unit decides. A code that two units share names neither and is left out; that of a closed unit names also the units
    that followed it. While another act changes the person's places, nothing is proposed: the log-in does not wait, and the next one
    proposes what still differs.
    """
    if not try_person(person.pk):
        return 0
    named: dict[int, Unit] = {}
    made = 0
    here = {
        row.unit_id: row for row in person.affiliations.serving_or_to_come().select_related("unit", "user")
    }
    for code, titles in posts(eduinfo):
        units = list(Unit.objects.of_code(code)[:2])
        named |= {unit.pk: unit for unit in units}
        if len(units) == 1 and units[0].pk not in here:
            title = "、".join(titles)[:40]
            made += len(proposals.propose_place(person, units[0], title=title, source=ProposalSource.LOG_IN))
    closed = [unit.pk for unit in named.values() if unit.until]
    followed = set(UnitSuccessor.objects.filter(unit__in=closed).values_list("successor", flat=True))
    yesterday = clock.today() - timedelta(days=1)
    gone = [
        (row, yesterday)
        for row in here.values()
        if named
        and row.unit_id not in named.keys() | followed
        and row.unit.kind in SCHOOLS
        and row.is_serving(yesterday)
    ]
    return made + len(proposals.propose_ends(gone, source=ProposalSource.LOG_IN, by=None))
