"""Puts `request.actor` on each request: the person and the hat that is on."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from accounts.acting import Actor, SiteRequest
from accounts.business_access import may_act_for_business
from accounts.models import BusinessAccount, User
from accounts.queries.own_accounts import own_accounts
from accounts.refusal_log import note_refusal

SESSION_KEY = "hat"
# Where a request remembers the appointments of its person.
KNOWN = "_active_accounts"


def active_accounts(request: HttpRequest) -> list[BusinessAccount]:
    """Return the person's appointments in force today, looked up once a request: an ended one is gone at the next click."""
    known: list[BusinessAccount] | None = getattr(request, KNOWN, None)
    if known is None:
        known = _known_appointments(cast(User, request.user))
        setattr(request, KNOWN, known)
    return known


def forget_accounts(request: HttpRequest) -> None:
    """Look the appointments up again when the person of a request has changed."""
    setattr(request, KNOWN, None)


def _known_appointments(person: User) -> list[BusinessAccount]:
    # The person of a session has `appointed` (signin.backends), the person of a key has not.
    rows = own_accounts(person.pk) if getattr(person, "appointed", True) else []
    for row in rows:
        # Whether an account is in force depends on its person, who is loaded already.
        row.user = person
    return rows


def actor_of(request: HttpRequest) -> Actor:
    """Return the chosen hat; without a choice the first business account, else the teacher's hat.

    A session that lacks what the policy requires for business accounts (`accounts.business_access`) has the teacher's hat only.
    """
    person, accounts = cast(User, request.user), active_accounts(request)
    wanted = request.session.get(SESSION_KEY)
    if wanted == 0 or not accounts or not may_act_for_business(request, person):
        return Actor(person)
    account = next((a for a in accounts if a.pk == wanted), accounts[0])
    return Actor(person, account)


class ActingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.user.is_authenticated
        cast(SiteRequest, request).actor = (
            cast(Actor, SimpleLazyObject(lambda: actor_of(request))) if known else None
        )
        response = self.get_response(request)
        if what := _refused(request, response):
            note_refusal(cast(SiteRequest, request), what)
        return response


def _refused(request: HttpRequest, response: HttpResponse) -> str:
    """Return what to record of a refused attempt; None for a slip: a mistyped URL, a program's JSON with an invalid field."""
    match, status = request.resolver_match, response.status_code
    if status == 403:
        return "forbidden"
    if status == 404 and (match.kwargs if match else "\0" in request.path_info):
        return "not_found"
    return "bad_request" if status in (400, 413) and not hasattr(response, "accepted_renderer") else ""


class LanguageMiddleware:
    """Use the stored language of a person who is logged in, on any machine; for a visitor the cookie's or the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        language = request.user.language
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        name = settings.LANGUAGE_COOKIE_NAME
        if request.COOKIES.get(name) != language and name not in response.cookies:
            # So that the page after the log-out has the same language.
            set_language_cookie(response, language)
        return response


def set_language_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
