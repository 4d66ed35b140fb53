"""A teacher signs in and out: by scanning the code on the screen, or by typing its six digits. Every act works without a script."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.acting import ActorRequest
from accounts.queries.persons import persons_of
from courses.enums import CourseState
from courses.models import Session
from courses.presenters.enrol_button import outside_words
from hours.actions import attendance, missed_signs, on_the_spot
from hours.errors import CodeRefused
from hours.models import Attendance
from hours.queries.own_attendance import open_sessions, own_reports, own_sessions, sessions_with_gaps
from hours.queries.sessions_of_today import session_of_number
from hours.queries.sign_codes import (
    OWN_STEP,
    PENDING,
    Scan,
    own_code_of,
    pending_token,
    read_code,
    read_pending,
    seconds_left,
)
from kit import clock, qr
from kit.errors import Refusal
from kit.numbers import whole_number
from kit.templatetags.ui import hhmm
from kit.texts import typed, without_blanks

DAY = 24 * 3600


@require_GET
@login_not_required
def scan(request: HttpRequest, token: str) -> HttpResponse:
    """Note the moment of a scan in this browser and go on to the page of sign-in, past the log-in where that is needed."""
    response = redirect("hours:sign")
    found = read_code(token, clock.now())
    if found is None:
        messages.error(request, CodeRefused().message)
        return response
    phone = phone_of(request) or secrets.token_urlsafe(24)
    _set(response, settings.PHONE_COOKIE, phone, DAY)
    _set(response, settings.SCAN_COOKIE, pending_token(found, phone), int(PENDING.total_seconds()))
    return response


def sign(request: ActorRequest) -> HttpResponse:
    if request.method == "POST":
        return _signed(request)
    now, person = clock.now(), request.actor.user.pk
    waiting = _waiting(request)
    chosen = waiting and Session.objects.filter(pk=waiting.session).select_related("course__unit").first()
    mine = open_sessions(person, now)
    context = {
        "scan": waiting,
        "scanned": own_sessions(person, [chosen])[0] if chosen else None,
        "mine": [
            (own, *_own_code(own.listed_as or person, own.session), outside_words(own.obstacle))
            for own in mine
        ],
        "step": OWN_STEP,
        "left": seconds_left(now, OWN_STEP),
        "recent": _recent(person),
        "gaps": sessions_with_gaps(person, now),
        "reports": own_reports(person),
    }
    return render(request, "hours/sign.html", context)


def _own_code(person: int, session: Session) -> tuple[str, str]:
    code = own_code_of(person, session.pk, clock.now())
    return f"{code[:4]} {code[4:]}", qr.svg(code)


def _recent(person: int) -> list[Attendance]:
    """Return the person's last signs; all of them are on the pages of their courses."""
    rows = Attendance.objects.valid().filter(user__in=persons_of(person)).select_related("session__course")
    return list(rows.order_by("-at", "-pk")[:20])


def _waiting(request: HttpRequest) -> Scan | None:
    return read_pending(request.COOKIES.get(settings.SCAN_COOKIE, ""), phone_of(request), clock.now())


def phone_of(request: HttpRequest) -> str:
    """Return the random mark of this browser; empty for one without."""
    return request.COOKIES.get(settings.PHONE_COOKIE, "")[:100]


def _signed(request: ActorRequest) -> HttpResponse:
    response = redirect("hours:sign")
    phone = phone_of(request)
    if not phone:
        phone = secrets.token_urlsafe(24)
        _set(response, settings.PHONE_COOKIE, phone, DAY)
    try:
        if request.POST.get("act") == "join":
            on_the_spot.join(session=_session(request), by=request.actor)
            messages.success(request, _("You are enrolled on the spot."))
        elif request.POST.get("act") == "report":
            text = typed(request.POST.get("text", ""), 300)
            missed_signs.report(session=_session(request), by=request.actor, text=text)
            messages.success(
                request, _("Reported. The organiser finds it with the attendance and at closing.")
            )
        else:
            _confirm(request, _sign(request, phone))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    if request.POST.get("act") == "scan":
        response.delete_cookie(settings.SCAN_COOKIE)
    return response


def _sign(request: ActorRequest, phone: str) -> Attendance:
    if request.POST.get("act") == "scan":
        waiting = _waiting(request)
        session = waiting and Session.objects.filter(pk=waiting.session).first()
        if not waiting or not session:
            raise CodeRefused
        return attendance.sign(
            session=session, by=request.actor, kind=waiting.kind, at=waiting.at, phone=phone
        )
    number = request.POST.get("number", "")
    return attendance.sign_by_number(session=_session(request), by=request.actor, number=number, phone=phone)


def _session(request: ActorRequest) -> Session:
    """Return the session that was named; by the code of its course the open one to which the six digits belong. Raise CodeRefused."""
    pk, code = whole_number(request.POST.get("session"), 0), without_blanks(request.POST.get("code", ""))
    rows = Session.objects.select_related("course").filter(pk=pk, course__state=CourseState.REGISTERED)
    number = without_blanks(request.POST.get("number", ""))
    found = session_of_number(code, number, clock.now()) if code else rows.first()
    if found is None:
        raise CodeRefused
    return found


def _confirm(request: ActorRequest, row: Attendance) -> None:
    facts = {"kind": row.get_kind_display(), "when": hhmm(row.at), "course": row.session.course.title}
    messages.success(request, _("%(kind)s at %(when)s: “%(course)s”.") % facts)


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
