"""Puts `request.actor` on each request: the person and the hat that is on."""

from collections.abc import Callable

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from accounts.acting import Actor
from accounts.business_access import may_act_for_business
from accounts.models import BusinessAccount
from accounts.refusal_log import note_refusal

SESSION_KEY = "hat"


def _appointments(user_id: int | None) -> QuerySet[BusinessAccount]:
    return BusinessAccount.objects.active().filter(user_id=user_id).select_related("unit__county")


def active_accounts(request: HttpRequest) -> list[BusinessAccount]:
    """Return the person's appointments in force today, looked up once a request: an ended one is gone at the next click."""
    if not hasattr(request, "_active_accounts"):
        # `appointed` comes with the person of a session (signin.backends), not with somebody who uses a key.
        may_be = getattr(request.user, "appointed", True)
        rows = list(_appointments(request.user.pk)) if may_be else []
        for row in rows:
            # Whether an account is in force asks its person too, who is known already.
            row.user = request.user  # type: ignore[assignment]  # only people hold accounts
        request._active_accounts = rows  # type: ignore[attr-defined]
    return request._active_accounts  # type: ignore[attr-defined, no-any-return]


def actor_of(request: HttpRequest) -> Actor:
    """The chosen hat; without a choice the first business account, else the teacher's hat.

    A session that lacks what the policy asks of business accounts (`accounts.business_access`) wears the teacher's hat only.
    """
    accounts = active_accounts(request)
    wanted = request.session.get(SESSION_KEY)
    if wanted == 0 or not accounts or not may_act_for_business(request, request.user):  # type: ignore[arg-type]
        return Actor(request.user)  # type: ignore[arg-type]
    account = next((a for a in accounts if a.pk == wanted), accounts[0])
    return Actor(request.user, account)  # type: ignore[arg-type]


class ActingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        else:
            request.actor = None  # type: ignore[attr-defined]
        response = self.get_response(request)
        if what := _refused(request, response):
            note_refusal(request, what)
        return response


def _refused(request: HttpRequest, response: HttpResponse) -> str:
    """What the record says of a refused try; nothing for a slip: a mistyped address, a program's JSON that a field refuses."""
    match, status = request.resolver_match, response.status_code
    if status == 403:
        return "forbidden"
    if status == 404 and (match.kwargs if match else "\0" in request.path_info):
        return "not_found"
    return "bad_request" if status in (400, 413) and not hasattr(response, "accepted_renderer") else ""


class LanguageMiddleware:
    """A person who is logged in reads the language kept with the person, on whatever machine; a visitor the cookie's or the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        language = request.user.language
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = self.get_response(request)
        name = settings.LANGUAGE_COOKIE_NAME
        if request.COOKIES.get(name) != language and name not in response.cookies:
            # So that the page after the log-out speaks it too.
            keep(response, language)
        return response


def keep(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
