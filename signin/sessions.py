"""How long a session lives: 30 minutes without a request (15 where an operator's account is held), 12 hours in all.

Checked on the server at each request. The page warns before and keeps what was typed (static/js/session.js).
"""

from collections.abc import Callable
from typing import Any, cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse

from accounts.acting import Actor
from accounts.enums import Role
from accounts.models import BusinessAccount, User
from audit import log
from audit.trace import client_address
from kit import clock
from kit.rights import right_of, route_of
from signin.actions import devices

BEGAN, SEEN = "began", "seen"
# How long the browser keeps why its last session ended, for the log-in page (seconds). It is not kept in the session: the
# response to a second request of the old session, under way at that moment, removes the session's cookie.
ENDED_COOKIE_SECONDS = 3600
# The last request is noted at most this often (seconds): one write less for most requests.
GRAIN = 15


class LoginRequest(HttpRequest):
    """A request in which a person logged in or was logged out.

    After a log-in the browser gets `device_token` as its cookie. `ended` is why the last session in this browser ended
    (`idle` or `absolute`), or nothing.
    """

    device_token: str
    ended: str


def idle_limit(user: Any) -> int:
    """Seconds without a request after which the person is logged out."""
    operator = BusinessAccount.objects.active().filter(user_id=user.pk, role=Role.OPERATOR).exists()
    return int(settings.IDLE_SECONDS_OPERATOR if operator else settings.IDLE_SECONDS)


def begin(request: HttpRequest) -> None:
    """A log-in starts the clocks."""
    moment = clock.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = moment


def why_over(request: HttpRequest) -> str:
    """`idle`, `absolute`, or nothing while the session may go on."""
    now = clock.now().timestamp()
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if began is None or seen is None:
        return "absolute"
    if now - began >= settings.ABSOLUTE_SECONDS:
        return "absolute"
    idle = now - seen
    shortest = min(settings.IDLE_SECONDS_OPERATOR, settings.IDLE_SECONDS)
    return "idle" if idle >= shortest and idle >= idle_limit(request.user) else ""


def touch(request: HttpRequest) -> None:
    """Note that the person is there: the session goes on from now."""
    if _is_due(request):
        request.session[SEEN] = clock.now().timestamp()


def _is_due(request: HttpRequest) -> bool:
    return bool(clock.now().timestamp() - request.session.get(SEEN, 0) >= GRAIN)


def _is_unattended(request: HttpRequest) -> bool:
    right = right_of(route_of(request))
    return right is not None and right.unattended


def end(request: HttpRequest, why: str) -> None:
    """Log out and show the reason on the log-in page."""
    user = cast(User, request.user)
    log.record("session.ended", user, by=Actor(user), after={"why": why})
    logout(request)
    cast(LoginRequest, request).ended = why


def live_sessions(user: User) -> dict[UserSession, dict[str, Any]]:
    """The person's sessions that still exist, each with what it holds; the traces of others are removed. The same queries for any number."""
    rows = list(UserSession.objects.filter(user=user))
    stored = Session.objects.filter(
        session_key__in=[row.session_key for row in rows], expire_date__gt=clock.now()
    ).in_bulk()
    gone = [row.pk for row in rows if row.session_key not in stored]
    if gone:
        UserSession.objects.filter(pk__in=gone).delete()
    return {row: stored[row.session_key].get_decoded() for row in rows if row.session_key in stored}


def other_places(user: User, address: str, session_key: str | None) -> list[str]:
    """Addresses at which other sessions of the person were in use within the idle limit."""
    limit, now = idle_limit(user), clock.now().timestamp()
    return [
        str(row.ip)
        for row, held in live_sessions(user).items()
        if row.session_key != session_key and row.ip != address and now - held.get(SEEN, 0) < limit
    ]


class UnattendedCookieMiddleware:
    """Keep the browser's session when a page's own request comes too late.

    A page requests news with the session it was opened in. The response to such a request, under way while the person logs in
    again in another tab, would remove the cookie of the new session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not cookie.value and _is_unattended(request):
            del response.cookies[settings.SESSION_COOKIE_NAME]
        return response


class SessionLimitsMiddleware:
    """End sessions that are over, note the use of others, and set the cookie after a log-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = request.COOKIES.get(settings.ENDED_COOKIE, "")
        request = cast(LoginRequest, request)
        request.ended = before
        if request.user.is_authenticated:
            if why := why_over(request):
                end(request, why)
            elif _is_due(request) and not _is_unattended(request):
                touch(request)
        response = self.get_response(request)
        if token := getattr(request, "device_token", ""):
            _set(response, settings.DEVICE_COOKIE, token, int(devices.FORGET_AFTER.total_seconds()))
        if before and request.user.is_authenticated:
            response.delete_cookie(settings.ENDED_COOKIE, samesite="Lax")
        elif request.ended != before:
            _set(response, settings.ENDED_COOKIE, request.ended, ENDED_COOKIE_SECONDS)
        return response


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")


def note_login(request: HttpRequest, user: User) -> None:
    """After a log-in: the clocks, the browser, other places at this moment."""
    begin(request)
    if not request.META.get("REMOTE_ADDR"):
        return
    know_browser(request, user)
    address = client_address(request)
    devices.note_two_places(
        user=user, address=address, others=other_places(user, address, request.session.session_key)
    )


def know_browser(request: HttpRequest, user: User) -> None:
    """Remember this browser after the person has authenticated in it, and set its cookie on the response."""
    cast(LoginRequest, request).device_token = devices.note_login(
        user=user,
        token=request.COOKIES.get(settings.DEVICE_COOKIE, "")[:100],
        label=request.META.get("HTTP_USER_AGENT", ""),
        address=client_address(request),
    )
