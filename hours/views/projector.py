"""The page for the projector, or for the chat of a meeting: a code to scan and six digits, which change every quarter of a minute."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.acting import ActorRequest
from courses.enums import CourseState
from courses.models import Course, Session
from courses.rules import may_manage
from courses.views.registration import own_course
from hours.enums import SignKind
from hours.queries.session_list import counts_of
from hours.queries.sessions_of_today import chosen_session
from hours.queries.sign_codes import code_of, is_open, number_of, window_of
from hours.views.attendance import not_now
from kit import clock, qr


@require_GET
def page(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    session = chosen_session(course, request.GET.get("session", ""), clock.now())
    if refused := not_now(request, course, session):
        return refused
    assert session is not None
    return render(request, "hours/projector.html", _context(request, course, session))


@require_GET
def now(request: ActorRequest, code: str) -> HttpResponse:
    """Return the code of this moment; 204 where there is none, and the page stays as it is."""
    course = own_course(request, code)
    session = chosen_session(course, request.GET.get("session", ""), clock.now())
    if session is None or not may_manage(request.actor, course):
        return HttpResponse(status=204)
    if not request.htmx:
        return redirect("hours:projector", code=code)
    return render(request, "hours/partials/projector_code.html", _context(request, course, session))


def _context(request: ActorRequest, course: Course, session: Session) -> dict[str, Any]:
    moment = clock.now()
    kind = _kind(request.GET.get("kind", ""), session)
    opens, closes = window_of(session)
    context: dict[str, Any] = {
        "course": course,
        "session": session,
        "kind": kind,
        "kinds": SignKind.choices,
        "label": SignKind(kind).label,
        "opens": opens,
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
