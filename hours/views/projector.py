"""The page for the projector, or for the chat of a meeting: a code to scan and six digits, which change every quarter of a minute.

The page goes on for the whole day of the session: it fetches the codes by a token of its own, which shows nothing else and ends with the day,
with the account that opened it, and with its right to the course. The organiser's session ends when nobody uses it, as everywhere.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.acting import Actor, ActorRequest, SiteRequest
from accounts.models import BusinessAccount
from courses.enums import CourseState
from courses.models import Course, Session
from courses.rules import may_manage
from hours.enums import SignKind
from hours.queries.session_list import counts_of
from hours.queries.sign_codes import code_of, is_open, number_of, read_screen_token, screen_token, window_of
from hours.views.session_guard import session_page
from kit import clock, qr


@require_GET
@session_page
def page(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    token = screen_token(session.pk, request.actor.appointment.pk, clock.now())
    return render(request, "hours/projector.html", _context(request, course, session, token))


@require_GET
@login_not_required
def screen(request: SiteRequest, token: str) -> HttpResponse:
    """Return the code of this moment for a screen that was opened today; 204 for another token, and the page stays as it is."""
    found = read_screen_token(token, clock.now())
    session, account = _opened_by(*found) if found else (None, None)
    if session is None or account is None or not may_manage(Actor(account.user, account), session.course):
        return HttpResponse(status=204)
    context = _context(request, session.course, session, token)
    return render(request, "hours/partials/projector_code.html", context)


def _opened_by(session: int, account: int) -> tuple[Session | None, BusinessAccount | None]:
    """Return the session of a token, and the account in force that opened its screen."""
    rows = BusinessAccount.objects.active().select_related("user", "unit")
    return Session.objects.select_related("course").filter(pk=session).first(), rows.filter(
        pk=account
    ).first()


def _context(request: SiteRequest, course: Course, session: Session, token: str) -> dict[str, Any]:
    moment = clock.now()
    kind = _kind(request.GET.get("kind", ""), session)
    opens, closes = window_of(session)
    context: dict[str, Any] = {
        "course": course,
        "session": session,
        "token": token,
        "kind": kind,
        "kinds": SignKind.choices,
        "label": SignKind(kind).label,
        "opens": opens,
        "is_postponed": session.suspension_id is not None,
        "is_open": is_open(session, moment) and course.state == CourseState.REGISTERED,
        "is_over": moment > closes or course.state != CourseState.REGISTERED,
        "counts": counts_of(course, session),
    }
    if context["is_open"]:
        scan = reverse("hours:scan", args=[code_of(session.pk, kind, moment)])
        context["picture"] = qr.svg(request.build_absolute_uri(scan))
        context["number"] = number_of(session.pk, kind, moment)
        context["address"] = request.build_absolute_uri(reverse("hours:sign"))
    return context


def _kind(wanted: str, session: Session) -> str:
    """Return the requested kind; without one, sign-in until the middle of the session and sign-out afterwards."""
    if wanted in SignKind.values:
        return wanted
    middle = session.starts_at + (session.ends_at - session.starts_at) / 2
    return SignKind.IN if clock.now() < middle else SignKind.OUT
