"""The page for the projector, or for the chat of a meeting: a code to scan and six digits, which change every quarter of a minute."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.acting import ActorRequest
from courses.enums import CourseState
from courses.models import Course, Session
from hours.enums import SignKind
from hours.queries.session_list import counts_of
from hours.queries.sign_codes import code_of, is_open, number_of, window_of
from hours.views.session_guard import session_news, session_page
from kit import clock, qr


@require_GET
@session_page
def page(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    return render(request, "hours/projector.html", _context(request, course, session))


@require_GET
@session_news("hours:projector")
def now(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    """Return the code of this moment; 204 where there is none, and the page stays as it is."""
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
