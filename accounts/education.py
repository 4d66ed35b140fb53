"""Log-in through the education system's OpenID Connect providers (`OIDC_ISSUERS`).

A person is matched by verified identity: a log-in connected before, a national ID given by an issuer that is configured to give it, or
an e-mail that a trusted issuer has verified. Never by name. Nobody is created by logging in. `eduinfo` (school codes and titles)
becomes places of service, which give no right; a business account is applied for.
"""

import logging
from collections.abc import Iterator
from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render

from accounts import identity
from accounts.models import Affiliation, Unit, User
from audit import log
from inservice.texts import tidy

logger = logging.getLogger(__name__)
TIMEOUT = 10
RANKS = {"校長": 10, "主任": 20, "組長": 30, "教師": 40}


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Issuers stand in the settings alone. Without any, the log-in page does not ask the database for them."""
        known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        return super().list_apps(request, provider, client_id) if known else []  # type: ignore[no-any-return]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        issuer = settings.OIDC_ISSUERS_BY_ID.get(sociallogin.account.provider, {})
        if not sociallogin.is_existing and sociallogin.state.get("process") != AuthProcess.CONNECT:
            person = match(_claims(sociallogin), issuer)
            if person is None or not _may_connect(person, sociallogin.account.provider):
                raise ImmediateHttpResponse(
                    render(
                        request, "socialaccount/no_match.html", {"issuer": issuer.get("name", "")}, status=403
                    )
                )
            sociallogin.connect(request, person)
            log.record(
                "login.connected", person, by=None, subjects=[person.pk], after={"issuer": issuer.get("id")}
            )
        if sociallogin.is_existing and issuer.get("eduinfo_url") and sociallogin.token:
            serve(sociallogin.user, fetch_eduinfo(issuer["eduinfo_url"], sociallogin.token.token))


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    data = sociallogin.account.extra_data or {}
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})} or data


def match(claims: dict[str, Any], issuer: dict[str, Any]) -> User | None:
    """The one person whom the issuer's verified claims name; None when there is none."""
    claim = issuer.get("national_id_claim")
    if claim and claims.get(claim):
        number = identity.normalise(str(claims[claim])[:20])
        return User.objects.filter(id_hash=identity.fingerprint(number), is_active=True).first()
    if issuer.get("trusts_email") and claims.get("email_verified") is True and claims.get("email"):
        return User.objects.filter(email__iexact=str(claims["email"]), is_active=True).first()
    return None


def _may_connect(person: User, provider: str) -> bool:
    """One log-in of an issuer a person: a second one would be somebody else's."""
    return not SocialAccount.objects.filter(user=person, provider=provider).exists()


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
    """(school code, titles) of an eduinfo answer: `schoolid` and `titles[].titles[]`, several schools possible."""
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
def serve(person: User, eduinfo: Any) -> int:
    """Add the schools of an eduinfo answer as places of service; answers how many are new. Nothing is removed: schools decide that.

    A code that two units share names neither and is left out.
    """
    new = 0
    for code, titles in posts(eduinfo):
        units = list(Unit.objects.filter(code=code)[:2])
        if len(units) != 1:
            continue
        title = "、".join(titles)[:40]
        rank = min((rank for word, rank in RANKS.items() if word in title), default=50)
        row, created = Affiliation.objects.get_or_create(
            user=person, unit=units[0], until=None, defaults={"title": title, "rank": rank}
        )
        if created:
            log.record(
                "affiliation.added",
                row,
                by=None,
                unit_id=units[0].pk,
                subjects=[person.pk],
                after={"title": title},
            )
        new += created
    return new
